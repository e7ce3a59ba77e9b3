"""Counts every request that has ended, in a microsecond or two, and bounds how many series that makes.

A request finds its series by who asked what of whom, things that live as long as a configuration. Models that clients
name themselves (`provider/model`) get series of their own once they have answered, and only so many of them; the rest
is "other", so that nobody can fill the memory with names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from fairlead.apps.hub.accounts.keys import Account
from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.routes.table import Route, Table
from fairlead.apps.hub.routes.targets import Target
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.shapes import Place
from fairlead.apps.hub.watching import names
from fairlead.apps.hub.watching.histograms import written
from fairlead.apps.hub.watching.series import Kind, Series

OTHER = "other"

MOST_SERIES = 500
"""Of all kinds; further ones are counted as other models."""

MOST_NAMED = 100
"""Models that clients named, and that have series of their own."""

MOST_KNOWN = 5_000
"""Ways to a series that are remembered."""

_Way = tuple[Route, Target | None, str, bool, str]


class Recorder:
    """One for a process. `table` tells the configuration of the moment."""

    def __init__(self, table: Callable[[], Table]) -> None:
        self._current = table
        self._table: Table | None = None
        self._declared: set[tuple[str, str]] = set()
        """Providers and models that it names."""
        self._known: dict[_Way, Series] = {}
        self._series: dict[Kind, Series] = {}
        self._named: set[str] = set()
        self._turned_away: Counter[tuple[str, str]] = Counter()
        self._missed: Counter[tuple[str, str, str]] = Counter()

    # told by the desk

    def ended(self, flight: Flight) -> None:
        """A request; called for every one."""
        asked = flight.asked
        source = (flight.source or "hub") if flight.cached else ""
        way = (flight.route, flight.target, asked.operation, asked.stream, source)
        try:
            series = self._known[way]
        except KeyError:
            series = self._found(way, flight)
        series.add(flight)

    def turned_away(self, failure: Failure, account: Account | None, place: Place | None) -> None:
        """A request that did not begin."""
        self._turned_away[failure.kind, place.operation if place is not None else ""] += 1

    def missed(self, target: Target, failure: Failure) -> None:
        """An attempt that failed."""
        self.prepare()
        provider, model = target.host.name, target.model
        if (provider, model) not in self._declared and target.name not in self._named:
            model = OTHER
        self._missed[provider, model, failure.kind] += 1

    # asked by the page

    def prepare(self) -> Table:
        """Have series for what the configuration names, so that what is 0 is told as 0 and not left out."""
        table = self._current()
        if table is self._table:
            return table
        self._table = table
        self._known.clear()
        self._declared.clear()
        for route in (one for routes in table.routes.values() for one in routes):
            for target in (*route.targets, *route.fallbacks):
                self._declared.add((target.host.name, target.model))
                for stream in (False, True):
                    self._of(_kind((route, target, "chat", stream, ""), route.label, target.model))
        return table

    def lines(self, name: str) -> Iterator[str]:
        """All lines of one metric, a series at a time."""
        if name == names.TURNED_AWAY:
            for (kind, operation), count in [*self._turned_away.items()]:
                yield f"{name}{{{written(kind=kind, operation=operation)}}} {count}\n"
        elif name == names.PROVIDER_ERRORS:
            for (provider, model, kind), count in [*self._missed.items()]:
                yield f"{name}{{{written(provider=provider, model=model, kind=kind)}}} {count}\n"
        else:
            for series in [*self._series.values()]:
                yield "".join(series.lines(name))

    # found

    def _found(self, way: _Way, flight: Flight) -> Series:
        table = self.prepare()
        route, target = way[0], way[1]
        label, model = route.label, target.model if target is not None else ""
        if not any(one is route or one.label == label for one in table.routes.get(route.model, ())):
            if label not in self._named and not (flight.status == 200 and len(self._named) < MOST_NAMED):
                return self._of(_kind(way, OTHER, OTHER))
            self._named.add(label)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        series = self._known[way] = self._of(_kind(way, label, model))
        return series

    def _of(self, kind: Kind) -> Series:
        found = self._series.get(kind)
        if found is None and len(self._series) >= MOST_SERIES:
            kind = kind._replace(route=OTHER, model=OTHER)
            found = self._series.get(kind)
        if found is None:
            found = self._series[kind] = Series(kind)
        return found


def _kind(way: _Way, label: str, model: str) -> Kind:
    _, target, operation, stream, source = way
    if source or target is None:
        return Kind(label, "", "", "", operation, stream, source)
    return Kind(label, target.host.name, target.host.kind.name, model, operation, stream, source)
