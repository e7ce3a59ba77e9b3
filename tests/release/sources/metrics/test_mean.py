"""Means: of a summary from its sum and count; of a gauge slowly, since its readings resemble one another."""

from __future__ import annotations

import random
from math import sqrt

import pytest
from bench.judge.interval import interval
from tests.release.sources.metrics.pages import snapshot

from fairlead.release.judge import Batch, MeanMargin, Moments, Policy, Values, begin, update, verdict
from fairlead.release.judge.policy import Guard
from fairlead.release.sources.metrics.autocorrelation import Memory
from fairlead.release.sources.metrics.mean_or_gauge import MeanOrGauge
from fairlead.release.sources.metrics.selector import Selector
from fairlead.release.sources.metrics.snapshot import NoEvidence, Shown, Snapshot

NOTHING = Values(Moments.of_mean(0.0, 0.0), Moments.of_mean(0.0, 0.0))


@pytest.fixture
def cost() -> MeanOrGauge:
    """What a call costs."""
    return MeanOrGauge(Selector.parse("cost_usd"), "v1", "v2")


def page(total: float, count: float) -> str:
    return f"# TYPE cost_usd summary\ncost_usd_sum {total}\ncost_usd_count {count}\n"


def test_a_summary_is_the_mean_of_what_was_added(cost: MeanOrGauge) -> None:
    with pytest.raises(NoEvidence, match="just begun"):
        cost.take(snapshot(cost, page(100, 1000), page(0, 0)), {})
    found = cost.take(snapshot(cost, page(101, 1010), page(0.5, 4)), {})
    assert found == Values(Moments.of_mean(10, 1), Moments.of_mean(4, 0.5))
    assert cost.take(snapshot(cost, page(101, 1010), page(0.5, 4)), {}) == NOTHING


def test_a_sum_that_runs_ahead_of_its_count_waits_for_it(cost: MeanOrGauge) -> None:
    with pytest.raises(NoEvidence):
        cost.take(snapshot(cost, page(0, 0), page(0, 0)), {})
    with pytest.raises(NoEvidence, match="grew, cost_usd_count did not yet"):
        cost.take(snapshot(cost, page(2, 1), page(3, 0)), {})
    assert cost.take(snapshot(cost, page(2, 1), page(3, 1)), {}) == Values(Moments.of_mean(1, 2), Moments.of_mean(1, 3))


def test_a_metric_that_nobody_has_is_told_with_a_suggestion(cost: MeanOrGauge) -> None:
    with pytest.raises(NoEvidence, match=r"v1 has no metric named cost_usd; did you mean costs_usd\?"):
        cost.take(snapshot(cost, "costs_usd 1\n", "costs_usd 1\n"), {})


# gauges


def test_a_gauge_weighs_by_the_requests_that_it_is_about(cost: MeanOrGauge) -> None:
    chance = random.Random(1)
    values: list[Values] = []
    for reading in range(200):
        stable, canary = chance.gauss(1, 0.1), chance.gauss(2, 0.1)
        requests = {"v1": 90.0 * reading, "v2": 10.0 * reading}
        found = snapshot(cost, f"cost_usd {stable}\n", f"cost_usd {canary}\n")
        if reading:
            values.append(cost.take(found, requests))
            continue
        with pytest.raises(NoEvidence, match="just begun"):
            cost.take(found, requests)
    told = [one for one in values if one.total]
    assert 5 < len(told) < 60
    assert all(one.stable.units == 9 * one.canary.units for one in told)
    assert all(one.stable.observations == one.canary.observations == 1 for one in told)
    assert all(0.8 < one.stable.mean < 1.2 and 1.8 < one.canary.mean < 2.2 for one in told)


@pytest.mark.parametrize("serves", [0.0, 1.0], ids=["no request", "stands still"])
def test_a_gauge_without_news_says_nothing(cost: MeanOrGauge, serves: float) -> None:
    chance = random.Random(1)
    told = []
    for reading in range(300):
        value = 1.0 if serves else chance.gauss(1, 0.1)
        try:
            requests = {"v1": 90.0 * reading, "v2": serves * reading}
            told.append(cost.take(snapshot(cost, f"cost_usd {value}\n", f"cost_usd {value}\n"), requests))
        except NoEvidence:
            assert not reading
    assert told == [NOTHING] * 299


def test_without_the_router_s_count_a_gauge_is_no_evidence(cost: MeanOrGauge) -> None:
    with pytest.raises(NoEvidence, match="the router does not say how many requests there were"):
        cost.take(snapshot(cost, "cost_usd 1\n", "cost_usd 1\n"), {})


def test_a_gauge_that_is_no_number_is_no_evidence(cost: MeanOrGauge) -> None:
    with pytest.raises(NoEvidence, match="cost_usd is NaN"):
        cost.take(snapshot(cost, "cost_usd 1\n", "cost_usd NaN\n"), {"v1": 1.0, "v2": 1.0})


READINGS, RELEASES = 1200, 60
POLICY = Policy({"cost": MeanMargin(burn_in=10)}, warm_up_s=0.0, guard=Guard(failing=None))


def taken_back(remembers: float, seed: int) -> bool:
    """Whether a good release is taken back whose gauge is a moving average of so many readings."""
    chance, kept = random.Random(seed), 1 - 1 / remembers
    gauge, state, shown = MeanOrGauge(Selector.parse("cost_usd"), "v1", "v2"), begin(POLICY), [1.0, 1.0]
    for reading in range(READINGS):
        shown = [kept * value + (1 - kept) * chance.gauss(1, 0.5 * sqrt(remembers)) for value in shown]
        try:
            found = gauge.take(_of(shown), {"v1": 3.0 * reading, "v2": 1.0 * reading})
        except NoEvidence:
            continue
        state = update(state, Batch(0.25, 2.0, {"cost": found}))
        if found.total and verdict(state, forecast=False).kind == "roll back":
            return True
    return False


def _of(shown: list[float]) -> Snapshot:
    return {
        version: Shown(version, 1.0, {"cost_usd": [({}, value)]}, frozenset({"cost_usd"}))
        for version, value in zip(("v1", "v2"), shown, strict=True)
    }


def times_taken_back(remembers: float) -> int:
    return sum(taken_back(remembers, seed) for seed in range(RELEASES))


@pytest.mark.parametrize("remembers", [1.5, 15.0])
def test_a_gauge_that_remembers_breaks_no_promise(remembers: float) -> None:
    assert interval(times_taken_back(remembers), RELEASES)[0] <= POLICY.alpha


def test_each_reading_taken_for_news_would_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten readings of a moving average are hardly more than one."""
    monkeypatch.setattr(Memory, "readings", 0.0)
    assert interval(times_taken_back(15.0), RELEASES)[0] > 5 * POLICY.alpha
