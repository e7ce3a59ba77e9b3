"""How long a gauge remembers: for how many readings what it shows still goes by what it showed before.

Ten readings of a moving average over a minute are hardly more than one. From the correlation of neighbouring readings,
as of an autoregressive process of the first order: of n readings there are n·(1 - r)/(1 + r) worth counting (Box,
Jenkins, Reinsel: Time Series Analysis, chapter 2). A gauge with two memories, a short and a long one, fools this.
"""

from __future__ import annotations

from math import inf

LEAST = 30
"""Readings before anything is known of it."""


class Memory:
    """Of one gauge, from its readings so far."""

    def __init__(self) -> None:
        self._readings = 0
        self._first = self._last = 0.0
        self._sum = self._squares = self._products = 0.0

    def add(self, value: float) -> None:
        """One more reading."""
        if not self._readings:
            self._first = value
        shifted = value - self._first  # against rounding, where values are large and differ little
        if self._readings:
            self._products += shifted * self._last
        self._readings += 1
        self._sum, self._squares, self._last = self._sum + shifted, self._squares + shifted**2, shifted

    @property
    def readings(self) -> float:
        """How many readings are worth one; infinite while that is unknown, and for a gauge that stands still."""
        if self._readings < LEAST:
            return inf
        mean = self._sum / self._readings
        spread = self._squares - self._readings * mean**2
        if spread <= 1e-12 * (abs(self._squares) + mean**2):
            return inf
        alike = (self._products - (self._readings + 1) * mean**2 + mean * self._last) / spread
        alike = min(max(alike, 0.0), 1.0)
        return (1 + alike) / (1 - alike) if alike < 1 else inf
