"""Bad events among all, from two counters."""

from __future__ import annotations

from fairlead.release.judge import Counts
from fairlead.release.sources.metrics.growth import Growth, Pair
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot, all_know
from fairlead.release.sources.metrics.watched import Requests


class Ratio:
    """`errors` over `total`. A bad one may be counted before the request it belongs to: what is ahead waits."""

    bound = None

    def __init__(self, errors: Selector, total: Selector, stable: str, canary: str) -> None:
        self.wanted = frozenset((errors.name, total.name))
        self._errors, self._total = errors, total
        self._versions = (stable, canary)
        self._growth = Growth(stable, canary, (errors.name, total.name))

    def learn(self, snapshot: Snapshot) -> None:
        """Nothing: it has no bound."""

    def take(self, snapshot: Snapshot, requests: Requests) -> Counts:
        """The growth of both counters."""
        all_know(snapshot, self._versions, self.wanted)
        numbers = {name: (shown.sum(self._errors), shown.sum(self._total)) for name, shown in snapshot.items()}
        return counts(self._growth, *self._growth.read(numbers, snapshot))


def counts(growth: Growth, stable: Pair, canary: Pair) -> Counts:
    """Pairs of bad and all events; what doesn't fit together is owed, until more of it does."""
    found = Counts(stable[0], canary[0], stable[1], canary[1])
    if fault := found.fault():
        growth.owe(stable, canary)
        raise NoEvidence(fault)
    return found
