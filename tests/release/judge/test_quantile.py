"""The bound beyond which a value is bad, read off the stable version's histogram."""

from __future__ import annotations

from math import inf

import pytest

from fairlead.release.judge import frozen_bound

LATENCY = {0.1: 200.0, 0.25: 700.0, 0.5: 930.0, 1.0: 990.0, 2.5: 1000.0, inf: 1000.0}


@pytest.mark.parametrize(("quantile", "bound"), [(0.95, 0.5), (0.99, 1.0), (0.7, 0.25), (0.999, 1.0)])
def test_the_bound_is_the_one_nearest_to_the_quantile(quantile: float, bound: float) -> None:
    assert frozen_bound(LATENCY, quantile) == bound


def test_where_higher_is_better_the_bad_values_are_below_the_bound() -> None:
    """Tokens a second, of which the slowest 5 % are bad."""
    assert frozen_bound({5.0: 10.0, 10.0: 60.0, 20.0: 500.0, inf: 1000.0}, 0.05, "higher") == 10


@pytest.mark.parametrize(
    "buckets",
    [{}, {inf: 0.0}, {inf: 100.0}, {1.0: 100.0, inf: 100.0}, {1.0: 10.0, inf: 100.0}],
    ids=["no buckets", "no values", "one bucket", "none beyond", "nearly all beyond"],
)
def test_a_histogram_that_separates_nothing_has_no_bound(buckets: dict[float, float]) -> None:
    assert frozen_bound(buckets, 0.95) is None
