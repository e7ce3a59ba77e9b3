"""Values over a bound that the stable version's own histogram sets, once for a whole release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import inf
from typing import Literal

from fairlead.release.judge import Counts, frozen_bound
from fairlead.release.sources.answers.slowness import least
from fairlead.release.sources.metrics.growth import Growth
from fairlead.release.sources.metrics.ratio import counts
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Shown, Snapshot, all_know, of_version
from fairlead.release.sources.metrics.watched import Requests


class Histogram:
    """One histogram. `quantile` in percent; where higher is better, 95 and 5 both mean that 5 % are bad."""

    def __init__(
        self,
        metric: Selector,
        quantile: float,
        better: Literal["lower", "higher"],
        stable: str,
        canary: str,
        bound: float | None,
    ) -> None:
        self.bound = bound
        self._buckets = metric.named("_bucket")
        self.wanted = frozenset((self._buckets.name,))
        self._quantile, self._better = quantile / 100, better
        self._stable, self._canary = stable, canary
        self._growth = Growth(stable, canary, (self._buckets.name, self._buckets.name))

    def learn(self, snapshot: Snapshot) -> None:
        """Freeze the bound from all that the stable version's instances have seen in their lives."""
        if self.bound is not None:
            return
        all_know(snapshot, (self._stable,), self.wanted)
        usual: dict[float, float] = defaultdict(float)
        for shown in of_version(snapshot, self._stable).values():
            for bound, up_to in self._read(shown).items():
                usual[bound] += up_to
        bad = min(self._quantile, 1 - self._quantile) if self._better == "higher" else 1 - self._quantile
        if usual[inf] < (enough := least(1 - bad)):
            raise NoEvidence(f"learning the stable version's {self._word} ({usual[inf]:g} of {enough} values)")
        self.bound = frozen_bound(usual, bad if self._better == "higher" else 1 - bad, self._better)
        if self.bound is None:
            raise NoEvidence(f"no bucket of {self._buckets.name} separates the stable version's bad values")

    def take(self, snapshot: Snapshot, requests: Requests) -> Counts:
        """How many values were on the wrong side of the bound, and how many there were."""
        all_know(snapshot, (self._stable, self._canary), self.wanted)
        self.learn(snapshot)
        numbers = {name: self._bad(name, self._read(shown)) for name, shown in snapshot.items()}
        return counts(self._growth, *self._growth.read(numbers, snapshot))

    def _bad(self, instance: str, buckets: Mapping[float, float]) -> tuple[float, float]:
        bound = inf if self.bound is None else self.bound
        if not buckets:
            return 0.0, 0.0  # it has seen no value yet
        if bound not in buckets or inf not in buckets:
            raise NoEvidence(f"{self._buckets.name} of {instance} has no bucket up to {bound:g}")
        up_to, total = buckets[bound], buckets[inf]
        return (total - up_to if self._better == "lower" else up_to), total

    def _read(self, shown: Shown) -> Mapping[float, float]:
        sums: dict[float, float] = defaultdict(float)
        for labels, value in shown.picked(self._buckets):
            try:
                sums[float(labels["le"])] += value
            except (KeyError, ValueError):
                raise NoEvidence(f"{self._buckets.name} has a series without a bound `le`") from None
        return sums

    @property
    def _word(self) -> str:
        return f"p{100 * self._quantile:g}"
