"""The mean of a gauge: what it shows at each reading, taken as true of the requests since the reading before.

Requests, as the router counts them, are its weight, since units have to fall to the versions as they were assigned; a
version that served none since has nothing to show. What a gauge shows now mostly goes by what it showed before, so many
readings make one observation (`autocorrelation`). That is slow: a summary or a histogram says more in a minute than a
gauge in an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from fairlead.release.judge import Counter, Moments, Values
from fairlead.release.sources.metrics.autocorrelation import Memory
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot, all_know, of_version
from fairlead.release.sources.metrics.watched import Requests

MEMORIES = 3.0
"""Means of stretches so many memories long are nearly independent: neighbours correlate by less than a fifth."""

LEAST = 5
"""Readings of one observation at least."""


class Arm:
    """One version of it: the stretch under way."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.units = self.sum = 0.0
        self._requests = Counter()

    def add(self, value: float, requests: float | None) -> bool:
        """One reading; whether it is known how many requests it is about."""
        self._requests, grown = self._requests.read(requests)
        if grown:
            self.memory.add(value)
            self.units, self.sum = self.units + grown, self.sum + grown * value
        return grown is not None

    def take(self) -> Moments:
        """The stretch as one observation, and begin another."""
        found = Moments.of_mean(self.units, self.sum)
        self.units = self.sum = 0.0
        return found


class Gauge:
    """One gauge: of several series, and of several instances, the mean is what it shows."""

    bound = None

    def __init__(self, metric: Selector, stable: str, canary: str) -> None:
        self.wanted = frozenset((metric.name,))
        self._metric = metric
        self._arms = {stable: Arm(), canary: Arm()}
        self._stable, self._canary = stable, canary
        self._readings = 0

    def learn(self, snapshot: Snapshot) -> None:
        """Nothing: it has no bound."""

    def take(self, snapshot: Snapshot, requests: Requests) -> Values:
        """An observation of each version when the stretch is long enough; of no units before."""
        all_know(snapshot, self._arms, self.wanted)
        shown = {version: self._shown(snapshot, version) for version in self._arms}
        known = [arm.add(shown[version], requests.get(version)) for version, arm in self._arms.items()]
        if not all(known):
            raise NoEvidence(self._why(requests))
        self._readings += 1
        if not self._is_enough():
            nothing = Moments.of_mean(0.0, 0.0)
            return Values(nothing, nothing)
        self._readings = 0
        return Values(self._arms[self._stable].take(), self._arms[self._canary].take())

    def _is_enough(self) -> bool:
        memory = max(arm.memory.readings for arm in self._arms.values())
        return self._readings >= max(LEAST, MEMORIES * memory) and all(arm.units for arm in self._arms.values())

    def _shown(self, snapshot: Snapshot, version: str) -> float:
        values = [value for shown in of_version(snapshot, version).values() for _, value in shown.picked(self._metric)]
        if not values:
            raise NoEvidence(f"{version} has no such series of {self._metric.name}")
        return fmean(values)

    def _why(self, requests: Mapping[str, float]) -> str:
        if requests.keys() >= self._arms.keys():
            return "counting has just begun"
        return "the router does not say how many requests there were"
