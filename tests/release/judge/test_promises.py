"""The promises, on simulated releases with fixed seeds; `python -m bench.judge` shows them on thousands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.judge.interval import interval
from bench.judge.judges import JUDGES, POLICY
from bench.judge.traffic import Setting, release

from fairlead.release.judge import Batch, Counts, begin, update, verdict

RUNS = 60
QUIET = Setting(20.0, 3600.0, 30.0)
SETTINGS = {
    "busy": QUIET,
    "busy, with an incident": replace(QUIET, has_incident=True),
    "calm": Setting(2.0, 14400.0, 120.0),
    "calm, with an incident": Setting(2.0, 14400.0, 120.0, has_incident=True),
}


def share_of(kind: str, setting: Setting, errors: float) -> tuple[float, float]:
    """Interval at 95 % of the rate of a verdict, where the canary has this many times the errors."""
    decide = JUDGES["Fairlead"]
    releases = (release(replace(setting, ratios={"errors": errors}), f"{errors} {run}") for run in range(RUNS))
    return interval(sum(decide(one).kind == kind for one in releases), RUNS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_good_release_is_taken_back_one_time_in_a_hundred_at_most(setting: Setting) -> None:
    assert share_of("roll back", setting, 1.0)[0] <= POLICY.alpha


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_release_at_the_margin_is_promoted_one_time_in_twenty_at_most(setting: Setting) -> None:
    assert share_of("promote", setting, 2.0)[0] <= POLICY.beta


@pytest.mark.parametrize("setting", [QUIET, SETTINGS["calm"]], ids=["busy", "calm"])
def test_three_times_the_errors_are_caught(setting: Setting) -> None:
    assert share_of("roll back", setting, 3.0)[0] > 0.9


def test_a_change_of_the_share_half_way_is_no_evidence() -> None:
    """Bad ones come in a burst just when the share goes from 5 to 50 %: nobody is worse, and nobody is taken back."""
    state = begin(POLICY)
    for share, rate in ((0.05, 0.01), (0.5, 0.2), (0.5, 0.01)):
        for _ in range(20):
            canary, stable = 300 * share, 300 * (1 - share)
            seen = Counts(stable * rate, canary * rate, stable, canary)
            state = update(state, Batch(share, 15, dict.fromkeys(POLICY.indicators, seen)))
    assert max(found.log_worse for found in verdict(state).evidence.values()) < 0


def test_a_source_that_lags_less_than_the_warm_up_puts_nothing_under_the_wrong_share() -> None:
    """For 15 s after the share went from 50 to 5 % it still shows units of before, half of them the canary's."""
    state = begin(POLICY)
    for share, real in ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.05, 0.5), (0.05, 0.05), (0.05, 0.05), (0.05, 0.05)):
        canary, stable = 1000 * real, 1000 * (1 - real)
        seen = Counts(stable * 0.1, canary * 0.1, stable, canary)
        state = update(state, Batch(share, 15, dict.fromkeys(POLICY.indicators, seen)))
    assert [(share, seen.total_canary) for share, seen in state.seen["errors"].by_share] == [(0.05, 100), (0.5, 500)]
    assert all(found.silent is None and found.log_worse < 0 for found in verdict(state).evidence.values())


def test_hardly_any_traffic_gives_no_verdict_rather_than_a_wrong_one() -> None:
    """A request every twenty seconds, for an hour: hold."""
    decided = {JUDGES["Fairlead"](release(Setting(0.05, 3600.0, 60.0), f"night {run}")).kind for run in range(RUNS)}
    assert decided == {"hold"}
