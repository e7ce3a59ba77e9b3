"""The evidence on two means: none before the burn-in, none from a day that got dearer, and known values."""

from __future__ import annotations

import random
from math import exp, pi, sqrt

import pytest
from bench.judge import costs
from bench.judge.interval import interval
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge import Batch, Guard, MeanMargin, Moments, Policy, State, Values, begin, update, verdict
from fairlead.release.judge.means import log_half_normal

COST = Policy({"cost": MeanMargin(1.15)}, warm_up_s=0, guard=Guard(failing=None))


def spent(chance: random.Random, units: int, usual: float, times: float = 1.0) -> Moments:
    """Costs of requests: log-normal, as those of prompts are."""
    values = [usual * times * chance.lognormvariate(0, 0.6) for _ in range(units)]
    return Moments.of_units(units, sum(values), sum(value * value for value in values))


def after(policy: Policy, batches: list[tuple[float, Values]]) -> State:
    """The state after these batches."""
    state = begin(policy)
    for share, values in batches:
        state = update(state, Batch(share, 60, {"cost": values}))
    return state


def judged(times: float, policy: Policy = COST) -> str:
    """The first verdict that is not to hold."""
    chance = random.Random(f"cost x{times}")
    state = begin(policy)
    for _ in range(300):
        values = Values(spent(chance, 100, 0.01), spent(chance, 100, 0.01, times))
        state = update(state, Batch(0.5, 60, {"cost": values}))
        if (found := verdict(state, forecast=False)).kind != "hold":
            return found.kind
    return "hold"


@pytest.mark.parametrize(("times", "kind"), [(1.0, "promote"), (0.8, "promote"), (1.5, "roll back")])
def test_a_cost_is_judged_by_its_mean(times: float, kind: str) -> None:
    assert judged(times) == kind


@pytest.mark.parametrize(("times", "kind"), [(1.0, "promote"), (1.2, "promote"), (0.6, "roll back")])
def test_a_score_is_worse_when_it_is_lower(times: float, kind: str) -> None:
    assert (
        judged(times, Policy({"cost": MeanMargin(1.15, better="higher")}, warm_up_s=0, guard=Guard(failing=None)))
        == kind
    )


def test_nothing_is_said_before_the_burn_in() -> None:
    """199 of the canary, however dear."""
    chance = random.Random("burn in")
    state = after(COST, [(0.5, Values(spent(chance, 400, 0.01), spent(chance, 199, 0.01, 9)))])
    found = verdict(state).evidence["cost"]
    assert (found.log_worse, found.log_within) == (0, 0)


def test_a_dearer_day_is_not_blamed_on_the_version_that_had_more_traffic_then() -> None:
    """Costs double for both when the canary's share goes from 10 to 50 %: pooled, the canary would look dearer."""
    chance = random.Random("dearer")
    batches = [(0.1, Values(spent(chance, 9000, 0.01), spent(chance, 1000, 0.01)))]
    batches += [(0.5, Values(spent(chance, 5000, 0.02), spent(chance, 5000, 0.02)))]
    found = verdict(after(COST, batches))
    assert found.kind == "promote"
    assert found.evidence["cost"].ratio == pytest.approx(1, abs=0.05)


def test_a_sum_and_a_count_are_enough_when_there_are_many_batches() -> None:
    """Without squares the spread is taken from batch to batch, and comes out the same."""
    chance = random.Random("summary")
    batches = [spent(chance, chance.randint(5, 60), 0.01) for _ in range(2000)]
    by_unit = sum(batches[1:], batches[0])
    by_batch = [Moments.of_mean(one.units, one.sum) for one in batches]
    assert sum(by_batch[1:], by_batch[0]).variance == pytest.approx(by_unit.variance, rel=0.1)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_mean_that_is_not_above_zero_has_no_ratio_and_holds(value: float) -> None:
    free = Moments.of_units(500, 500 * value, 500 * value * value)
    found = verdict(after(COST, [(0.5, Values(free, free))]))
    assert (found.kind, found.evidence["cost"].silent) == ("hold", "the stable version's mean is not above 0")


def test_dear_requests_that_are_rare_promote_no_version_that_costs_more() -> None:
    """Very skewed costs and a small share: the burn-in is hardly enough, and the promise has to hold."""
    kinds = [costs.judged(1.0, 0.1, costs.MARGIN, f"rare {number}").kind for number in range(60)]
    assert interval(kinds.count("promote"), 60)[0] <= costs.POLICY.beta
    assert kinds.count("roll back") > 30


def test_values_that_never_vary_divide_nothing_by_zero() -> None:
    """A score that is always 1."""
    same = Moments.of_units(500, 500.0, 500.0)
    assert verdict(after(COST, [(0.5, Values(same, same))])).kind == "promote"


@given(st.floats(-15, 15), st.floats(0.01, 10), st.floats(0.01, 5))
def test_the_mixture_is_the_average_of_likelihood_ratios(score: float, information: float, scale: float) -> None:
    """Against the sum over a fine grid of θ."""
    step = scale / 400
    thetas = [step * (number + 0.5) for number in range(3200)]
    density = [2 / (scale * sqrt(2 * pi)) * exp(-((theta / scale) ** 2) / 2) for theta in thetas]
    ratios = [exp(theta * score - theta * theta * information / 2) for theta in thetas]
    average = sum(weight * ratio * step for weight, ratio in zip(density, ratios, strict=True))
    if average > 1e-12 and thetas[-1] * information > 2 * score:
        assert exp(log_half_normal(score, information, scale)) == pytest.approx(average, rel=0.01)


@given(st.floats(0, 1e6), st.floats(0.1, 10))
def test_the_mixture_is_smooth_where_its_tail_is_cut_off(information: float, scale: float) -> None:
    """Evidence never grows as the score falls."""
    spread = sqrt(1 + scale * scale * information) / scale
    logs = [log_half_normal(z * spread, information, scale) for z in (-29.9, -30.1, -40, -1e6)]
    assert logs == sorted(logs, reverse=True)
