"""A histogram against a bound of the stable version's own, which holds for the whole release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from tests.release.sources.metrics.pages import snapshot

from fairlead.release.judge import Counts
from fairlead.release.sources.metrics.histogram import Histogram
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence


def histogram(
    quantile: float = 95.0, better: Literal["lower", "higher"] = "lower", bound: float | None = None
) -> Histogram:
    return Histogram(Selector.parse('ttft_seconds{model="m"}'), quantile, better, "v1", "v2", bound)


def page(up_to: Mapping[str, float | str]) -> str:
    lines = [f'ttft_seconds_bucket{{model="m",le="{bound}"}} {count}\n' for bound, count in up_to.items()]
    return "".join(["# TYPE ttft_seconds histogram\n", *lines, 'ttft_seconds_bucket{model="other",le="+Inf"} 7\n'])


USUAL = page({"0.1": 500, "0.5": 900, "1.0": 960, "+Inf": 1000})
EMPTY = page({})


def test_the_bound_is_the_bucket_nearest_to_the_stable_version_s_quantile() -> None:
    one = histogram()
    one.learn(snapshot(one, USUAL, EMPTY))
    assert one.bound == 1.0


def test_where_higher_is_better_the_worst_are_the_lowest() -> None:
    """95 and 5 mean the same then."""
    low = page({"0.1": 40, "0.5": 300, "1.0": 960, "+Inf": 1000})
    for quantile in (95.0, 5.0):
        one = histogram(quantile, "higher")
        one.learn(snapshot(one, low, EMPTY))
        assert one.bound == 0.1


def test_values_over_the_bound_are_counted() -> None:
    one = histogram()
    one.learn(snapshot(one, USUAL, EMPTY))
    with pytest.raises(NoEvidence, match="just begun"):
        one.take(snapshot(one, USUAL, EMPTY), {})
    stable = page({"0.1": 550, "0.5": 990, "1.0": 1058, "+Inf": 1100})
    canary = page({"0.1": 1, "0.5": 2, "1.0": 3, "+Inf": 5})
    assert one.take(snapshot(one, stable, canary), {}) == Counts(2, 2, 100, 5)


def test_where_higher_is_better_values_up_to_the_bound_are_counted() -> None:
    one = histogram(5.0, "higher", bound=0.1)
    with pytest.raises(NoEvidence):
        one.take(snapshot(one, USUAL, EMPTY), {})
    assert one.take(snapshot(one, USUAL, page({"0.1": 2, "+Inf": 5})), {}) == Counts(0, 2, 0, 5)


def test_a_bound_frozen_before_holds_whatever_the_stable_version_shows_now() -> None:
    one = histogram(bound=0.5)
    one.learn(snapshot(one, USUAL, EMPTY))
    assert one.bound == 0.5


def test_too_few_values_are_waited_for() -> None:
    one = histogram()
    few = page({"0.1": 20, "0.5": 36, "1.0": 37, "+Inf": 37})
    with pytest.raises(NoEvidence, match=r"learning the stable version's p95 \(37 of 100 values\)"):
        one.take(snapshot(one, few, EMPTY), {})
    with pytest.raises(NoEvidence, match="just begun"):
        one.take(snapshot(one, USUAL, EMPTY), {})
    assert one.bound == 1.0
    assert one.take(snapshot(one, USUAL, page({"1.0": 3, "+Inf": 4})), {}) == Counts(0, 1, 0, 4)


@pytest.mark.parametrize(
    ("stable", "canary", "why"),
    [
        (USUAL, "other 1\n", "v2 has no metric named ttft_seconds_bucket"),
        (
            "ttft_second_bucket 1\n",
            USUAL,
            "v1 has no metric named ttft_seconds_bucket; did you mean ttft_second_bucket",
        ),
        (USUAL, page({"0.2": 3, "+Inf": 4}), "ttft_seconds_bucket of hub-v2-0 has no bucket up to 1"),
        (USUAL, page({"1.0": 3}), "has no bucket up to 1"),
        (USUAL, page({"1.0": "NaN", "+Inf": 4}), "ttft_seconds_bucket is NaN"),
        (USUAL, page({"wide": 1, "+Inf": 4}), "a series without a bound `le`"),
        (page({"0.1": 0, "+Inf": 1000}), EMPTY, "no bucket of ttft_seconds_bucket separates"),
        (page({"0.1": 1000, "+Inf": 1000}), EMPTY, "no bucket of ttft_seconds_bucket separates"),
    ],
)
def test_what_can_not_be_compared_says_why(stable: str, canary: str, why: str) -> None:
    one = histogram()
    with pytest.raises(NoEvidence, match=why):
        one.take(snapshot(one, stable, canary), {})


def test_a_restart_counts_from_nothing() -> None:
    one = histogram(bound=1.0)
    with pytest.raises(NoEvidence):
        one.take(snapshot(one, USUAL, page({"1.0": 30, "+Inf": 40})), {})
    after: dict[str, Any] = {"began": 2.0}
    assert one.take(snapshot(one, USUAL, page({"1.0": 3, "+Inf": 4}), **after), {}) == Counts(0, 1, 0, 4)
