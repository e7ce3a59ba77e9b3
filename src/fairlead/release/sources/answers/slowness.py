"""When an answer is slow: over a bound that the stable version's own latest answers set, once for a whole release.

A failed answer is a slow one, however fast it failed. Otherwise a broken version would look fast, and its answers would
split unevenly between the indicators. The bound itself comes from answers that did not fail. One that ended without a
first byte waited for it to its end, whoever ended it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from itertools import accumulate
from math import ceil, inf

from fairlead.engine.router import Answer
from fairlead.kit.clock import Clock
from fairlead.release.judge import frozen_bound
from fairlead.release.sources.answers.since import Since

KEPT = 5000
"""Answers that a bound is made from at most."""

LEAST, LEAST_OVER = 100, 5
"""Answers that a bound is made from at least, and how many of them should lie over it."""


def least(quantile: float) -> int:
    """How many answers a bound at this quantile (0 to 1) needs."""
    return min(max(LEAST, ceil(LEAST_OVER / (1 - quantile) - 1e-6)), KEPT)


def waited_ms(name: str, answer: Answer) -> float:
    """What the indicator of that name measures."""
    if name == "first_byte" and answer.first_byte_ms is not None:
        return answer.first_byte_ms
    return answer.duration_ms


class Slowness:
    """One indicator, `latency` or `first_byte`. `quantile` in percent; `bound_ms` is known if it is frozen already."""

    def __init__(self, name: str, quantile: float, bound_ms: float | None, clock: Clock) -> None:
        self.name = name
        self.bound_ms = bound_ms
        self._quantile = quantile / 100
        self._latest: deque[float] = deque(maxlen=KEPT)
        self._clock = clock
        self._since: Since | None = None

    @property
    def why(self) -> str | None:
        """Why it says nothing yet; `None` when it speaks."""
        if self.bound_ms is not None:
            return None
        found = f"{len(self._latest)} of {least(self._quantile)} answers"
        return f"learning the stable version's p{100 * self._quantile:g} ({found})"

    def learn(self, answer: Answer) -> None:
        """Take an answer of the stable version into account, as long as there is no bound."""
        if self.bound_ms is None and not answer.failed:
            self._latest.append(waited_ms(self.name, answer))

    def freeze(self) -> None:
        """Make the bound, if there is none and it can be made. Only what begins from now on is held against it."""
        if self.bound_ms is None and len(self._latest) >= least(self._quantile):
            self.bound_ms = _bound(self._latest, self._quantile)
            self._latest.clear()
            self._since = Since(self._clock)

    def look(self) -> None:
        """Notice a step of the clock."""
        if self._since:
            self._since.look()

    def is_bad(self, answer: Answer) -> bool | None:
        """Whether it was slow; `None` when it doesn't count here."""
        if self.bound_ms is None or (self._since and not self._since.counts(answer)):
            return None
        return answer.failed or waited_ms(self.name, answer) > self.bound_ms


def _bound(waited: deque[float], quantile: float) -> float:
    """The value nearest to the quantile that some lie over; the largest, when all are the same."""
    counts = sorted(Counter(waited).items())
    values, sums = [value for value, _ in counts], accumulate(count for _, count in counts)
    up_to: Mapping[float, float] = {**dict(zip(values, sums, strict=True)), inf: len(waited)}
    found = frozen_bound(up_to, quantile)
    return values[-1] if found is None else found
