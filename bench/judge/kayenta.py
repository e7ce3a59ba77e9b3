"""Kayenta's classifier of one metric (NetflixACAJudge-v1.0), by its published rule.

Mann-Whitney between the points of both versions, with a confidence interval of the shift at 98 %. A metric is "High"
when the lower end of that interval is above a quarter of the shift's own estimate (Hodges-Lehmann); no correction for
several metrics or several looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, median

CONFIDENCE = 0.98
TOLERANCE = 0.25


def is_high(canary: Sequence[float], baseline: Sequence[float]) -> bool:
    """Whether the canary's points lie significantly above the baseline's."""
    if not canary or not baseline or list(canary) == list(baseline):
        return False
    differences = sorted(one - other for one in canary for other in baseline)
    estimate = median(differences)
    return differences[_lower(len(canary), len(baseline))] > TOLERANCE * abs(estimate)


def _lower(canary: int, baseline: int) -> int:
    """Which of the sorted differences is the lower end of the interval, in the normal approximation."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    rank = canary * baseline / 2 - z * sqrt(canary * baseline * (canary + baseline + 1) / 12)
    return max(0, round(rank) - 1)
