"""How fast a model answers: its peak EWMA, which believes bad news at once and good news slowly.

(Finagle's load metric of that name: a moving average, weighted by time, of the time to the first token; a longer one
replaces it, a shorter one is averaged in. With the requests under way it says how long the next one would wait.)
"""

from __future__ import annotations

from math import exp

SPAN_S = 10.0
"""After so long, an old figure counts e times less."""


class Pace:
    """Of one model of one provider."""

    __slots__ = ("_at", "first_s", "under_way")

    def __init__(self) -> None:
        self._at = 0.0
        self.first_s = 0.0
        """Seconds to the first token; 0 while unknown, so that every model is tried."""
        self.under_way = 0

    def seen(self, seconds: float, now: float) -> None:
        """A first token came after so long."""
        if seconds >= self.first_s:
            self.first_s = seconds
        else:
            old = exp(-max(0.0, now - self._at) / SPAN_S)
            self.first_s = self.first_s * old + seconds * (1.0 - old)
        self._at = now

    def load(self) -> float:
        """What the next request would wait, in seconds."""
        return self.first_s * (self.under_way + 1)
