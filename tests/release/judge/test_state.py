"""What a judge remembers: the same whatever pieces it came in, journalled and replayed."""

from __future__ import annotations

import json
import random
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.release.judge import (
    Batch,
    Counts,
    EventMargin,
    MeanMargin,
    Moments,
    Policy,
    State,
    Values,
    begin,
    update,
    verdict,
)

POLICY = Policy({"errors": EventMargin(2.0, negligible=0.001), "cost": MeanMargin(1.15)}, warm_up_s=10)
ERRORS = Policy({"errors": EventMargin(2.0)}, warm_up_s=0)


def moments(chance: random.Random, units: int) -> Moments:
    """Values of so many units."""
    values = [chance.uniform(0.5, 1.5) for _ in range(units)]
    return Moments.of_units(units, sum(values), sum(value * value for value in values))


def batches(seed: int, number: int) -> list[Batch]:
    """A release with changes of the share, gaps and crashes."""
    chance = random.Random(seed)
    made = []
    for index in range(number):
        counts = Counts(chance.randint(0, 3), chance.randint(0, 2), chance.randint(60, 90), chance.randint(20, 30))
        values = Values(moments(chance, 75), moments(chance, 25))
        seen = {"errors": chance.choice([counts, counts, None]), "cost": chance.choice([values, values, None])}
        made.append(Batch((0.05, 0.25, None, 0.5)[index * 4 // number], chance.uniform(1, 9), seen))
    return made


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(0, 29))
def test_a_judge_that_is_read_from_the_journal_goes_on_as_if_it_had_never_stopped(
    seed: int, number: int, stopped: int
) -> None:
    """The state goes through JSON in between; the verdict comes out the same to the last digit."""
    live = resumed = begin(POLICY)
    for index, batch in enumerate(batches(seed, number)):
        live = update(live, batch)
        resumed = update(resumed, batch)
        if index == stopped:
            resumed = State.from_record(json.loads(json.dumps(resumed.to_record())))
    assert resumed == live
    assert verdict(resumed) == verdict(live)


@given(
    st.lists(
        st.tuples(st.sampled_from([0.05, 0.25, 0.5]), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12
    ),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_batching_changes_the_evidence(
    parts: list[tuple[float, int, int]], chance: random.Random
) -> None:
    """Single batches in any order, and one batch for each share."""
    one_by_one = [Batch(share, 1, {"errors": Counts(s, c, 50, 50)}) for share, s, c in parts]
    shuffled = chance.sample(one_by_one, len(one_by_one))
    whole: dict[float, Counts] = {}
    for share, s, c in parts:
        whole[share] = whole.get(share, Counts(0, 0, 0, 0)) + Counts(s, c, 50, 50)
    at_once = [Batch(share, 1, {"errors": counts}) for share, counts in whole.items()]
    kept = []
    for order in (one_by_one, shuffled, at_once):
        state = begin(ERRORS)
        for batch in order:
            state = update(state, batch)
        kept.append(state.seen["errors"].by_share)
    assert kept[0] == kept[1] == kept[2]


GOOD = Counts(1, 1, 50, 50)


@pytest.mark.parametrize(
    "counts",
    [
        None,
        Counts(nan, 1, 50, 50),
        Counts(1, 1, 50, inf),
        Counts(-1, 1, 50, 50),
        Counts(1, 51, 50, 50),
        Counts(51, 1, 50, 50),
    ],
    ids=["silent", "not a number", "infinite", "backwards", "more bad than all", "more bad than all of the stable"],
)
def test_what_can_not_be_counted_is_no_evidence(counts: Counts | None) -> None:
    """What was known stays; the verdict is to hold, and says why."""
    before = update(begin(ERRORS), Batch(0.5, 5, {"errors": GOOD}))
    after = update(before, Batch(0.5, 5, {"errors": counts}))
    assert after.seen["errors"].by_share == before.seen["errors"].by_share
    found = verdict(after)
    assert found.kind == "hold"
    assert "no evidence from errors" in found.why


@pytest.mark.parametrize("wrong", [nan, inf])
def test_values_that_are_no_numbers_are_no_evidence(wrong: float) -> None:
    """A mean of NaN would make everything after it NaN."""
    bad = Values(Moments.of_units(10, wrong, 10), Moments.of_units(10, 10, 10))
    after = update(begin(POLICY), Batch(0.5, 5, {"errors": GOOD, "cost": bad}))
    assert after.seen["cost"].by_share == ()
    assert after.seen["cost"].silent == "values of the stable are not numbers"


@pytest.mark.parametrize(
    ("moments", "why"),
    [
        (Moments(0, 5, 5, 0), "values of the canary without units"),
        (Moments(10, 100, 1, 10), "squares of the canary are less than its values allow"),
        (Moments(-1, 1, 1, 1), "values of the canary are not numbers"),
    ],
)
def test_moments_that_can_not_be_are_no_evidence(moments: Moments, why: str) -> None:
    assert Values(Moments.of_units(10, 10, 10), moments).fault() == why


def test_a_warm_up_after_each_change_of_the_share_does_not_count() -> None:
    """With 10 s of it: at each share, batches count that begin 10 s after the change, and the next ones."""
    state = begin(Policy({"errors": EventMargin(2.0)}, warm_up_s=10))
    for share in (0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5):
        state = update(state, Batch(share, 5, {"errors": GOOD}))
    assert state.seen["errors"].by_share == ((0.1, GOOD), (0.5, GOOD + GOOD))


def test_a_batch_in_which_the_share_changed_does_not_count_and_begins_the_warm_up_again() -> None:
    state = begin(Policy({"errors": EventMargin(2.0)}, warm_up_s=5))
    for share in (0.5, 0.5, None, 0.5, 0.5):
        state = update(state, Batch(share, 5, {"errors": GOOD}))
    assert state.seen["errors"].by_share == ((0.5, GOOD + GOOD),)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 7.0, nan])
def test_with_one_version_alone_there_is_nothing_to_compare(share: float) -> None:
    state = begin(ERRORS)
    for _ in range(3):
        state = update(state, Batch(share, 5, {"errors": GOOD}))
    assert state.seen["errors"].by_share == ()
    assert verdict(state).kind == "hold"


@pytest.mark.parametrize("seconds", [nan, -60.0, inf])
def test_a_clock_that_jumps_neither_ends_a_warm_up_nor_stops_the_judge(seconds: float) -> None:
    state = begin(Policy({"errors": EventMargin(2.0)}, warm_up_s=10))
    for taken in (seconds, 5.0, 5.0, 5.0):
        state = update(state, Batch(0.5, taken, {"errors": GOOD}))
    assert state.held_s == 15
    assert state.seen["errors"].by_share == ((0.5, GOOD),)


def test_an_unknown_indicator_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown indicator eros; there are errors"):
        update(begin(ERRORS), Batch(0.5, 5, {"eros": GOOD}))


def test_values_for_an_indicator_that_counts_are_an_error() -> None:
    one = Moments.of_units(1, 1, 1)
    with pytest.raises(ValueError, match="errors should be Counts, got Values"):
        update(begin(ERRORS), Batch(0.5, 5, {"errors": Values(one, one)}))
