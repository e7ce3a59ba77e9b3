"""How much longer: what is said before a release and while it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge import (
    Batch,
    Counts,
    EventMargin,
    Guard,
    MeanMargin,
    Moments,
    Policy,
    State,
    Usual,
    Values,
    begin,
    expected,
    update,
    verdict,
)
from fairlead.release.judge.forecast import needed

ERRORS = Policy({"errors": EventMargin(2.0)}, warm_up_s=0)


def usual(rate: float, per_s: float) -> Usual:
    """What a stable version with this rate of errors shows."""
    return Usual(Counts(1e6 * rate, 0, 1e6, 0), per_s)


def steady(state: State, units: float, rate: float = 0.01) -> State:
    """A minute of a canary that is as good as the stable version, at half of the traffic."""
    half = units / 2
    return update(state, Batch(0.5, 60, {"errors": Counts(half * rate, half * rate, half, half)}))


def test_before_a_release_it_is_known_from_the_present_traffic() -> None:
    """About 70 errors at half a percent of 20 requests a second: some ten minutes."""
    found = expected(ERRORS, 0.5, {"errors": usual(0.005, 20)})
    assert found is not None
    assert found.events is not None
    assert found.seconds is not None
    assert 50 < found.events < 80
    assert found.seconds == pytest.approx(found.events / 0.1, rel=0.01)


@given(st.floats(0.02, 0.5), st.floats(0.001, 0.2), st.floats(0.1, 1000))
def test_half_the_traffic_takes_twice_as_long(share: float, rate: float, per_s: float) -> None:
    one, other = (expected(ERRORS, share, {"errors": usual(rate, speed)}) for speed in (per_s, per_s / 2))
    assert one is not None
    assert other is not None
    assert one.seconds is not None
    assert other.seconds == pytest.approx(2 * one.seconds)


def test_the_forecast_comes_true_when_nothing_is_left_to_chance() -> None:
    """Each minute brings exactly what was expected: what is needed falls to nothing as the promotion comes."""
    state = steady(begin(ERRORS), 600)
    first = needed(state)
    assert first is not None
    assert first.seconds is not None
    minutes = 1
    while verdict(state).kind == "hold":
        state = steady(state, 600)
        minutes += 1
    assert (minutes - 1) * 60 == pytest.approx(first.seconds, abs=60)
    assert needed(state) is None


def test_the_slowest_indicator_is_named() -> None:
    policy = Policy({"errors": EventMargin(2.0), "slow": EventMargin(2.0)})
    found = expected(policy, 0.5, {"errors": usual(0.001, 20), "slow": usual(0.05, 20)})
    assert found is not None
    assert found.indicator == "errors"


def test_what_is_not_known_comes_before_what_takes_long() -> None:
    policy = Policy({"errors": EventMargin(2.0), "slow": EventMargin(2.0)})
    found = expected(policy, 0.5, {"errors": usual(0.001, 20)})
    assert found is not None
    assert (found.indicator, found.seconds) == ("slow", None)


def test_a_service_that_never_fails_has_no_time_only_a_number_of_events() -> None:
    found = expected(ERRORS, 0.5, {"errors": usual(0, 20)})
    assert found is not None
    assert found.seconds is None
    assert found.events is not None


def test_with_a_negligible_rate_it_has_a_time_too() -> None:
    found = expected(Policy({"errors": EventMargin(2.0, 0.001)}), 0.5, {"errors": usual(0, 20)})
    assert found is not None
    assert found.seconds is not None
    assert 300 < found.seconds < 2000


def test_a_mean_needs_its_burn_in_and_then_what_its_spread_demands() -> None:
    """Twice the standard deviation, about four times the requests."""
    policy = Policy({"cost": MeanMargin(1.15)}, guard=Guard(failing=None))
    units = []
    for deviation in (0.01, 0.5, 1.0):
        stable = Moments.of_units(1000, 1000.0, 1000 * (1 + deviation**2))
        found = expected(policy, 0.5, {"cost": Usual(Values(stable, Moments(0, 0, 0, 0)), 10)})
        assert found is not None
        assert found.units is not None
        units.append(found.units)
    assert units[0] == pytest.approx(400, rel=0.02)
    assert units[2] == pytest.approx(4 * units[1], rel=0.1)


def test_a_mean_seen_once_has_no_spread_and_no_forecast() -> None:
    once = Values(Moments.of_mean(50, 60), Moments.of_mean(0, 0))
    found = expected(Policy({"cost": MeanMargin(1.15)}, guard=Guard(failing=None)), 0.5, {"cost": Usual(once, 10)})
    assert found is not None
    assert (found.indicator, found.units) == ("cost", None)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_with_one_version_alone_nothing_is_forecast(share: float) -> None:
    assert expected(ERRORS, share, {"errors": usual(0.01, 20)}) is None


def test_a_standstill_has_no_time() -> None:
    """No traffic any more: events are known, seconds are not."""
    state = steady(begin(ERRORS), 600)
    for _ in range(300):
        state = update(state, Batch(0.5, 3600, {"errors": Counts(0, 0, 0, 0)}))
    found = needed(state)
    assert found is not None
    assert found.events is not None
    assert found.seconds is None or found.seconds > 1e9
