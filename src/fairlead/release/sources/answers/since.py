"""From when on requests count, by the wall clock that their times are told in, even when somebody turns that clock.

A request that began before counting did may have been assigned by another share, so it must never slip in. A step of
the clock shows in its distance from the monotonic one; counting then begins anew, by the new time.
"""

from __future__ import annotations

from fairlead.engine.router import Answer
from fairlead.kit.clock import Clock

STEP_S = 0.25
"""A distance that changes by more than this between two looks was turned, not slewed (NTP slews 0.5 ms/s at most)."""

AHEAD_S = 60.0
"""An answer that ends so far in the future was told by the clock of before a step back."""


class Since:
    """Everything that begins from its making on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.wall()
        self._offset = self._distance()

    def counts(self, answer: Answer) -> bool:
        """Whether it began late enough."""
        self.look()
        ended = answer.began + answer.duration_ms / 1000
        return answer.began >= self._at and ended <= self._clock.wall() + AHEAD_S

    def look(self) -> None:
        """Notice a step of the clock; to be called every few seconds."""
        step = self._distance() - self._offset
        self._offset += step
        if abs(step) > STEP_S:
            # A small step back is waited out: what was told before it can't be told from what is told after it.
            self._at = self._clock.wall() + (-step if -AHEAD_S < step < 0 else 0.0)

    def _distance(self) -> float:
        return self._clock.wall() - self._clock.monotonic()
