"""How much two cumulative numbers of each version grew since they were last known together.

All or nothing: the numbers of both versions move on together or not at all, so that they are always about the same
stretch of time. What is lost for one version is lost for both.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.release.judge import Counter, Counters
from fairlead.release.sources.metrics.snapshot import NoEvidence, Snapshot

Pair = tuple[float, float]
"""Two numbers that belong together: bad and all, or sum and count."""


class Growth:
    """Of one indicator. `what` are the names of its two numbers, for messages."""

    def __init__(self, stable: str, canary: str, what: tuple[str, str]) -> None:
        self._versions = (stable, canary)
        self._what = what
        self._counters: dict[tuple[str, int], Counters] = {}
        self._began: dict[str, float] = {}
        self._owed: dict[str, Pair] = {}

    def read(self, numbers: Mapping[str, Pair], snapshot: Snapshot) -> tuple[Pair, Pair]:
        """Growth of the stable version and of the canary, from the numbers of each instance.

        `NoEvidence` when it is not known for both: at the first reading, when a number went back in an instance that
        was not restarted, and when instances came or went.
        """
        restarted = {name for name, began in self._began.items() if name in snapshot and snapshot[name].began != began}
        grown: dict[str, Pair] = {}
        lost: list[str] = []
        for version in self._versions:
            own = {name: pair for name, pair in numbers.items() if snapshot[name].version == version}
            first, second = (self._column(version, column, own, restarted, lost) for column in (0, 1))
            if first is not None and second is not None:
                grown[version] = (first, second)
        self._began = {name: shown.began for name, shown in snapshot.items()}
        if len(grown) < len(self._versions):
            raise NoEvidence(lost[0])
        stable, canary = (_sum(grown[version], self._owed.pop(version, (0.0, 0.0))) for version in self._versions)
        return stable, canary

    def owe(self, stable: Pair, canary: Pair) -> None:
        """Take back what can't be used yet: the next reading tells it with its own."""
        self._owed = dict(zip(self._versions, (stable, canary), strict=True))

    def _column(
        self, version: str, column: int, own: Mapping[str, Pair], restarted: set[str], lost: list[str]
    ) -> float | None:
        before = self._counters.get((version, column), Counters())
        values = {name: pair[column] for name, pair in own.items()}
        after, grown = before.read(values, restarted=restarted)
        if grown is None:
            lost.append(self._why(version, column, before, values, restarted))
        self._counters[version, column] = after
        return grown

    def _why(
        self, version: str, column: int, before: Counters, values: Mapping[str, float], restarted: set[str]
    ) -> str:
        if not before.by_instance:
            return "counting has just begun"
        if before.by_instance.keys() != values.keys():
            return f"instances of {version} came or went"
        for name, value in values.items():
            known = before.by_instance.get(name, Counter()).value
            if name not in restarted and known is not None and value < known:
                return f"{self._what[column]} of {name} went back from {known:g} to {value:g} without a restart"
        return f"{self._what[column]} of {version} is below zero"


def _sum(one: Pair, other: Pair) -> Pair:
    return one[0] + other[0], one[1] + other[1]
