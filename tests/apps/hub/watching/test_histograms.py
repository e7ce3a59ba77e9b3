"""Values that are counted many at once fall into the same buckets as one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fairlead.apps.hub.watching.histograms import Histogram

BOUNDS = (0.5, 1.0, 2.0)


@given(some.lists(some.sampled_from([*BOUNDS, 0.0, 0.7, 1.5, 3.0]), max_size=20))
def test_many_values_are_counted_as_one_by_one(values: list[float]) -> None:
    """Those at a bound belong below it."""
    one_by_one, at_once = Histogram(BOUNDS), Histogram(BOUNDS)
    for value in values:
        one_by_one.add(value)
    at_once.add_all(values[:7])
    at_once.add_all(values[7:])
    assert at_once.counts == one_by_one.counts
    assert at_once.sum == pytest.approx(one_by_one.sum)
