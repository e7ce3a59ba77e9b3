"""Hard breaks are seen at once, and an incident that hits both versions is none."""

from __future__ import annotations

import pytest

from fairlead.release.judge import Batch, Counts, EventMargin, Policy, State, begin, update, verdict

POLICY = Policy({"errors": EventMargin(2.0)})


def after(*batches: Batch) -> State:
    """The state after these batches."""
    state = begin(POLICY)
    for batch in batches:
        state = update(state, batch)
    return state


def seen(counts: Counts, share: float = 0.5) -> Batch:
    """Five seconds in which the canary held the share."""
    return Batch(share, 5, {"errors": counts})


def test_a_canary_of_which_half_the_requests_fail_goes_within_the_warm_up() -> None:
    """Nothing of the warm-up is evidence, and this does not wait for it."""
    found = verdict(after(seen(Counts(0, 25, 50, 50))))
    assert (found.kind, found.why) == ("roll back", "25 of its latest 50 units failed (errors)")
    assert found.evidence["errors"].worse == 1


def test_five_failures_of_five_at_a_small_share_are_enough() -> None:
    assert verdict(after(seen(Counts(0, 5, 95, 5), 0.05))).kind == "roll back"


def test_hours_of_good_service_do_not_slow_it_down() -> None:
    """Evidence that has piled up would take a while to turn; the guard looks at the latest run only."""
    good = [seen(Counts(5, 5, 1000, 1000))] * 100
    assert verdict(after(*good[:1], seen(Counts(0, 0, 0, 0)), seen(Counts(1, 30, 50, 50)))).kind == "roll back"
    assert verdict(after(*good, seen(Counts(1, 30, 50, 50)))).kind == "roll back"


def test_a_slow_trickle_of_failures_adds_up() -> None:
    """One request every five seconds, all of which fail while the stable version answers."""
    few = seen(Counts(0, 1, 9, 1), 0.1)
    assert verdict(after(*[few] * 4)).kind == "hold"
    assert verdict(after(*[few] * 6)).kind == "roll back"


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5])
def test_a_provider_that_fails_for_both_versions_takes_none_back(share: float) -> None:
    """60 % of the requests of both fail for an hour."""
    units = 200 * share
    incident = seen(Counts(0.6 * (200 - units), 0.6 * units, 200 - units, units), share)
    assert verdict(after(*[incident] * 720), forecast=False).why.startswith("within")


def test_a_few_failures_are_left_to_statistics() -> None:
    assert verdict(after(seen(Counts(0, 4, 96, 4), 0.04))).kind == "hold"


def test_a_run_of_failures_ends_when_the_canary_answers_again() -> None:
    assert after(seen(Counts(0, 4, 5, 5)), seen(Counts(0, 1, 50, 50))).failing == Counts(0, 0, 0, 0)


def test_instances_that_keep_crashing_take_it_back() -> None:
    crash = Batch(0.05, 5, {"errors": None}, crashes=1)
    assert verdict(after(crash, crash)).kind == "hold"
    found = verdict(after(crash, crash, crash))
    assert (found.kind, found.why) == ("roll back", "its instances crashed 3 times")
