"""What a simulated rate proves: its interval at 95 %, exact (Clopper and Pearson 1934)."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log

OUTSIDE = 0.025
"""Probability left out at either end."""


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Lower and upper end, 0 to 1."""
    lower = _root(lambda rate: 1 - _at_most(hits - 1, runs, rate) >= OUTSIDE) if hits else 0.0
    upper = _root(lambda rate: _at_most(hits, runs, rate) <= OUTSIDE) if hits < runs else 1.0
    return lower, upper


def _at_most(hits: int, runs: int, rate: float) -> float:
    return sum(exp(_ways(k, runs) + k * log(rate) + (runs - k) * log(1 - rate)) for k in range(hits + 1))


def _ways(hits: int, runs: int) -> float:
    return lgamma(runs + 1) - lgamma(hits + 1) - lgamma(runs - hits + 1)


def _root(is_above: Callable[[float], bool]) -> float:
    """Where it turns true between 0 and 1."""
    below, above = 0.0, 1.0
    for _ in range(40):
        middle = (below + above) / 2
        below, above = (below, middle) if is_above(middle) else (middle, above)
    return above
