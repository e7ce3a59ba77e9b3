"""What all instances of both versions show of their metrics at one moment, and why it may be of no use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan

from fairlead.kit import suggest
from fairlead.release.sources.metrics.selector import Selector


class NoEvidence(Exception):
    """An indicator can't be told from what there is; its words say why. Never leaves a source."""


Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The metrics of one instance: series by metric, and the names of all metrics, those without series included.

    `began` changes when it is restarted.
    """

    version: str
    began: float
    series: Mapping[str, Sequence[tuple[Labels, float]]]
    names: frozenset[str] = field(default_factory=frozenset)

    def picked(self, selector: Selector) -> list[tuple[Labels, float]]:
        """The series that are meant. `NoEvidence` for a label that none has, or a value that is no number."""
        series = self.series.get(selector.name, ())
        for label in selector.needed:
            _has_label(selector.name, label, [labels for labels, _ in series])
        found = [(labels, value) for labels, value in series if selector.fits(labels)]
        for _, value in found:
            if not isfinite(value):
                raise NoEvidence(f"{selector.name} is {'NaN' if isnan(value) else 'infinite'}")
        return found

    def sum(self, selector: Selector) -> float:
        """Of the series that are meant; 0 when none is: what has not happened yet has no series."""
        return sum(value for _, value in self.picked(selector))


Snapshot = Mapping[str, Shown]
"""By instance."""


def of_version(snapshot: Snapshot, version: str) -> dict[str, Shown]:
    """The instances of one version; `NoEvidence` when there is none."""
    found = {name: shown for name, shown in snapshot.items() if shown.version == version}
    if not found:
        raise NoEvidence(f"no instance of {version} is seen")
    return found


def all_know(snapshot: Snapshot, versions: Iterable[str], wanted: Iterable[str]) -> None:
    """`NoEvidence`, with a suggestion, when a version has no such metric, or an instance has none of them.

    Taken for zero, a metric that the new version has renamed would make it look perfect, and an empty page would make
    everything that an instance ever counted look new on the next one.
    """
    wanted = sorted(wanted)
    for version in versions:
        names = frozenset().union(*(shown.names for shown in of_version(snapshot, version).values()))
        for name in wanted:
            if name not in names:
                nearest = suggest.nearest(name, names)
                hint = f"; did you mean {nearest}?" if nearest else ""
                raise NoEvidence(f"{version} has no metric named {name}{hint}")
    for instance, shown in snapshot.items():
        if shown.names.isdisjoint(wanted):
            raise NoEvidence(f"{instance} shows no {' and no '.join(wanted)}")


def _has_label(name: str, label: str, series: Sequence[Labels]) -> None:
    known = {key for labels in series for key in labels}
    if series and label not in known:
        nearest = suggest.nearest(label, known)
        raise NoEvidence(f"{name} has no label {label}{f'; did you mean {nearest}?' if nearest else ''}")
