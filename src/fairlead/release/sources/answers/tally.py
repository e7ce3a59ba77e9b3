"""Units counted by version, until somebody takes the counts."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.release.judge import Counts

NONE = Counts(0.0, 0.0, 0.0, 0.0)


class Tally:
    """Counts of each indicator since they were last taken."""

    def __init__(self) -> None:
        self._counts: dict[str, Counts] = {}

    def add(self, bad: Mapping[str, bool | None], *, canary: bool) -> None:
        """One unit, bad or not by each indicator; `None` where it doesn't count."""
        for name, is_bad in bad.items():
            if is_bad is not None:
                self._counts[name] = self._counts.get(name, NONE) + _unit(is_bad, canary)

    def take(self, name: str) -> Counts:
        """What was counted, and begin from nothing again."""
        return self._counts.pop(name, NONE)


def _unit(is_bad: bool, canary: bool) -> Counts:
    bad = float(is_bad)
    return Counts(0.0, bad, 0.0, 1.0) if canary else Counts(bad, 0.0, 1.0, 0.0)
