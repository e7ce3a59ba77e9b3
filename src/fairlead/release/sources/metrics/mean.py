"""The mean of a summary or a histogram, from its sum and its count: which values there were between is not known.

Each reading is one value of the weight of its count (`Moments.of_mean`), since only the spread from reading to reading
can be seen.
"""

from __future__ import annotations

from fairlead.release.judge import Moments, Values
from fairlead.release.sources.metrics.growth import Growth
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot, all_know
from fairlead.release.sources.metrics.watched import Requests


class Mean:
    """`metric` without its `_sum` and `_count`. Values below zero, which let a sum go back, can't be followed."""

    bound = None

    def __init__(self, metric: Selector, stable: str, canary: str) -> None:
        self._sum, self._count = metric.named("_sum"), metric.named("_count")
        self.wanted = frozenset((self._sum.name, self._count.name))
        self._versions = (stable, canary)
        self._growth = Growth(stable, canary, (self._sum.name, self._count.name))

    def learn(self, snapshot: Snapshot) -> None:
        """Nothing: it has no bound."""

    def take(self, snapshot: Snapshot, requests: Requests) -> Values:
        """Sum and count of what was added."""
        all_know(snapshot, self._versions, self.wanted)
        numbers = {name: (shown.sum(self._sum), shown.sum(self._count)) for name, shown in snapshot.items()}
        stable, canary = self._growth.read(numbers, snapshot)
        found = Values(Moments.of_mean(stable[1], stable[0]), Moments.of_mean(canary[1], canary[0]))
        if any(total and not count for total, count in (stable, canary)):  # of_mean would forget them
            self._growth.owe(stable, canary)
            raise NoEvidence(f"{self._sum.name} grew, {self._count.name} did not yet")
        return found
