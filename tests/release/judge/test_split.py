"""Units that did not fall to the versions as assigned are no evidence, whatever they show."""

from __future__ import annotations

import random

import pytest

from fairlead.release.judge import Batch, Counts, EventMargin, Policy, begin, update, verdict
from fairlead.release.judge.rates import Tally
from fairlead.release.judge.split import is_off

POLICY = Policy({"errors": EventMargin(2.0)}, warm_up_s=0)


@pytest.mark.parametrize(("canary", "off"), [(2500, False), (2550, False), (3500, True), (1700, True), (0, True)])
def test_a_share_of_a_quarter_is_a_quarter_of_the_units(canary: int, off: bool) -> None:
    assert is_off(Tally(canary, ((0.25, 10000.0),)), 1) is off


def test_a_change_of_the_share_is_no_mismatch() -> None:
    """Together a third, and right under each share."""
    assert not is_off(Tally(100 + 5000, ((0.01, 10000.0), (0.5, 10000.0))), 1)


def test_a_mismatch_holds_though_the_errors_look_worse() -> None:
    """Twice the units and twice the errors: the same version, on twice the traffic."""
    state = update(begin(POLICY), Batch(0.25, 60, {"errors": Counts(400, 400, 10000, 10000)}))
    found = verdict(state)
    assert found.kind == "hold"
    assert found.evidence["errors"].silent == "its units did not split as assigned: is it counted by what is assigned?"


def sessions(chance: random.Random) -> list[tuple[int, bool]]:
    """Sessions as (requests, whether the user's requests fail): a few heavy users, some of whom always fail."""
    return [(int(chance.paretovariate(0.9)) + 1, chance.random() < 0.02) for _ in range(40)]


def taken_back(seed: str, by_request: bool) -> bool:
    """Whether a version as good as the stable one is taken back, sticky sessions counted by request or by session."""
    chance = random.Random(seed)
    state = begin(POLICY)
    for _ in range(120):
        counts = Counts(0, 0, 0, 0)
        for requests, fails in sessions(chance):
            weight = min(requests, 500) if by_request else 1
            bad = weight if fails else 0
            to_canary = chance.random() < 0.25
            counts += Counts(0, bad, 0, weight) if to_canary else Counts(bad, 0, weight, 0)
        state = update(state, Batch(0.25, 30, {"errors": counts}))
        if (found := verdict(state, forecast=False)).kind != "hold":
            return found.kind == "roll back"
    return False


def test_uneven_users_take_no_good_release_back_when_sessions_are_counted() -> None:
    """The unit that is counted is the one that was assigned. By request it goes wrong: bad ones come in clumps."""
    assert sum(taken_back(f"sessions {number}", by_request=False) for number in range(60)) == 0
    assert sum(taken_back(f"sessions {number}", by_request=True) for number in range(60)) > 6
