"""Sums of e-values, in logarithms so that nothing overflows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, fsum, inf, log

Weighted = Sequence[tuple[float, float]]
"""Alternatives and the logarithms of their weights, which add up to 1."""


def log_sum(logs: Iterable[float]) -> float:
    """log(exp(a) + exp(b) + …); -inf for nothing at all."""
    values = list(logs)
    most = max(values, default=-inf)
    if most in (-inf, inf):
        return most
    return most + log(fsum(exp(value - most) for value in values))


def weighted(alternatives: Iterable[float], weights: Iterable[float]) -> Weighted:
    """Alternatives with weights in these proportions."""
    pairs = list(zip(alternatives, weights, strict=True))
    whole = fsum(weight for _, weight in pairs)
    return tuple((alternative, log(weight / whole)) for alternative, weight in pairs)
