"""From evidence to a decision, with its numbers in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from fairlead.release.judge import (
    Batch,
    Counts,
    EventMargin,
    Guard,
    MeanMargin,
    Observed,
    Policy,
    State,
    begin,
    update,
    verdict,
)

TWO = Policy({"errors": EventMargin(2.0), "slow": EventMargin(2.0)}, warm_up_s=0)
GOOD = Counts(50, 50, 1000, 1000)
BAD = Counts(20, 100, 1000, 1000)
LITTLE = Counts(1, 1, 1000, 1000)


def after(*seen: Mapping[str, Observed | None], policy: Policy = TWO) -> State:
    """The state after these batches of a minute at half of the traffic."""
    state = begin(policy)
    for observed in seen:
        state = update(state, Batch(0.5, 60, observed))
    return state


@pytest.mark.parametrize(
    ("errors", "slow", "kind", "why"),
    [
        (GOOD, GOOD, "promote", "within the margin in everything"),
        (GOOD, BAD, "roll back", "worse in slow"),
        (BAD, None, "roll back", "worse in errors"),
        (GOOD, None, "hold", "no evidence from slow (no answer from its source)"),
        (GOOD, LITTLE, "hold", "not enough evidence yet on slow"),
    ],
)
def test_all_have_to_be_good_and_one_is_enough_to_be_bad(
    errors: Counts, slow: Counts | None, kind: str, why: str
) -> None:
    found = verdict(after({"errors": errors, "slow": slow}))
    assert (found.kind, found.why) == (kind, why)


def test_before_anything_was_seen_it_holds_and_says_so() -> None:
    assert verdict(begin(TWO)).why == "no evidence from errors (nothing seen yet), slow (nothing seen yet)"


def test_a_source_that_falls_silent_stops_a_promotion_until_it_speaks_again() -> None:
    """Though what it said before would be enough."""
    enough = {"errors": GOOD, "slow": Counts(8, 8, 1000, 1000)}
    more = {"errors": GOOD, "slow": GOOD}
    assert verdict(after(enough, more, {"errors": GOOD})).kind == "hold"
    assert verdict(after(enough, more, {"errors": GOOD}, enough)).kind == "promote"


def test_no_requests_are_not_a_silent_source() -> None:
    """At night: nothing to judge by, and nothing wrong."""
    found = verdict(after({"errors": Counts(0, 0, 0, 0), "slow": Counts(0, 0, 0, 0)}))
    assert found.why == "not enough evidence yet on errors, slow"


def test_the_more_indicators_the_more_evidence_one_of_them_needs_to_take_a_release_back() -> None:
    """Each is a chance of a false alarm; alpha is for all of them together."""
    assert TWO.worse_at == pytest.approx(200)
    assert TWO.within_at == pytest.approx(20)


def test_evidence_is_told_as_a_part_of_what_decides() -> None:
    found = verdict(after({"errors": BAD, "slow": LITTLE})).evidence
    assert found["errors"].worse_part == 1
    assert found["errors"].within_part == 0
    assert 0 < found["slow"].within_part < 0.2
    assert found["errors"].ratio == pytest.approx(5)
    assert found["errors"].worse >= 200


def test_a_service_that_never_fails_is_promoted_once_its_canary_is_seen_to_fail_seldom() -> None:
    """Nothing over nothing is no ratio: without a negligible rate it would hold for ever."""
    never = Counts(0, 0, 10000, 10000)
    for negligible, kind in ((None, "hold"), (0.001, "promote"), (0.0001, "hold")):
        policy = Policy({"errors": EventMargin(2.0, negligible)}, warm_up_s=0)
        assert verdict(after({"errors": never}, policy=policy)).kind == kind


def test_a_verdict_can_be_kept_with_all_its_numbers() -> None:
    kept = json.loads(json.dumps(verdict(after({"errors": GOOD, "slow": LITTLE})).to_json()))
    assert kept["verdict"] == "hold"
    assert kept["needed"]["indicator"] == "slow"
    assert set(kept["evidence"]) == {"errors", "slow"}


def test_the_numbers_of_a_long_release_overflow_nothing() -> None:
    found = verdict(after({"errors": Counts(10**6, 10**9, 10**10, 10**10), "slow": GOOD}))
    assert found.kind == "roll back"
    assert found.evidence["errors"].worse > 1e300
    assert found.evidence["errors"].within == 0


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 0}, {"alpha": 1}, {"beta": 1.5}, {"beta": float("nan")}, {"warm_up_s": -1}, {"indicators": {}}],
)
def test_a_policy_that_promises_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"should be|needs at least"):
        Policy(**{"indicators": {"errors": EventMargin()}, **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_a_guard_that_watches_an_unknown_indicator_is_refused() -> None:
    """Never a guard that is silently off."""
    with pytest.raises(ValueError, match=r"guard\.failing should be an indicator that counts, or None, got eros"):
        Policy({"errors": EventMargin()}, guard=Guard(failing="eros"))


@pytest.mark.parametrize("ratio", [1.0, 0.5, float("inf"), float("nan")])
def test_a_margin_has_to_be_more_than_no_change(ratio: float) -> None:
    with pytest.raises(ValueError, match="ratio should be more than 1"):
        EventMargin(ratio)


@pytest.mark.parametrize("wrong", [{"ratio": 1.0}, {"burn_in": 1}])
def test_a_margin_of_means_is_checked_too(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="should be"):
        MeanMargin(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0])
def test_a_negligible_rate_is_a_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="negligible should be between 0 and 1"):
        EventMargin(2.0, rate)
