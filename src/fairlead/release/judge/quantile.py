"""A bound that makes a value bad, frozen from the stable version before a canary starts.

Frozen, since a bound that moves with what it judges has no meaning; a bound of a bucket, since between two of them a
histogram doesn't know how many values there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, log
from typing import Literal


def frozen_bound(
    buckets: Mapping[float, float], quantile: float, better: Literal["lower", "higher"] = "lower"
) -> float | None:
    """The bucket bound nearest to the quantile (0 to 1); `None` when no bound separates good values from bad.

    `buckets`: cumulative counts, bound -> values up to it, with one for infinity, as in a Prometheus histogram. Where
    higher is better, bad are the values up to the bound, and `quantile` is still counted from below (0.05). Bounds with
    no bad value, or with more than half of all, are passed over: the canary could not show a rate twice as high.
    """
    total = buckets.get(inf, 0.0)
    if not total > 0:
        return None
    bad = {bound: _bad(up_to / total, better) for bound, up_to in buckets.items() if bound < inf}
    wanted = _bad(quantile, better)
    fit = {bound: part for bound, part in bad.items() if 0 < part <= 0.5}
    return min(fit, key=lambda bound: (abs(log(fit[bound] / wanted)), bound), default=None)


def _bad(up_to: float, better: Literal["lower", "higher"]) -> float:
    return 1 - up_to if better == "lower" else up_to
