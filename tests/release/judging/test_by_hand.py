"""What people say to a judgement, and what the deadline says when nobody does."""

from __future__ import annotations

import pytest
from tests.release.judging.conftest import Court, dropped


async def test_a_person_can_promote_whatever_the_evidence(court: Court) -> None:
    """At once, not at the next look; the record says who it was."""
    court.requests["hub"].per_s = 0
    task = court.judges(last=True)
    await court.passes(3, task)
    court.controls.promote("alice@host")

    outcome = await court.passes(1, task)

    assert outcome is not None
    assert outcome.verdict == "promote"
    assert outcome.details["reason"] == "promoted by alice@host"


async def test_paused_it_stays_where_it_is_until_resumed(court: Court) -> None:
    """Neither the next share nor a promotion follows."""
    court.requests["hub"].share = 50
    court.controls.pause("bob@host")
    task = court.judges(last=True)

    assert await court.passes(600, task) is None
    assert court.judging.view["paused"] == "bob@host"
    assert court.told("paused by bob@host") == 1

    court.controls.resume()
    outcome = await court.passes(4, task)
    assert outcome is not None
    assert outcome.verdict == "promote"


async def test_paused_a_bad_version_is_taken_back_all_the_same(court: Court) -> None:
    """A pause is no protection."""
    court.controls.pause("bob@host")
    court.requests["hub"].errors["v2"] = 0.1

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "roll back"


def overdue(court: Court, policy: str) -> None:
    """Too little is known for a verdict, and the time is up after a minute."""
    court.canary |= {"deadline": "1m", "at_deadline": policy}
    court.requests["hub"].per_s = 1


async def test_at_the_deadline_it_is_taken_back_where_the_policy_says_so(court: Court) -> None:
    overdue(court, "roll back")

    outcome = await court.rules(last=True, within_s=90)

    assert outcome is not None
    assert outcome.verdict == "roll back"
    assert outcome.details["reason"] == "no verdict within 1m"


@pytest.mark.parametrize("policy", ["hold", "ask"])
async def test_at_the_deadline_it_stays_at_its_share_and_says_so_once(court: Court, policy: str) -> None:
    """No next share any more."""
    overdue(court, policy)
    court.requests["hub"].per_s = 0
    task = court.judges()
    assert await court.passes(70, task) is None
    court.requests["hub"].per_s = 2

    assert await court.passes(60, task) is None
    assert court.told("no verdict within 1m") == 1
    await dropped(task)


async def test_after_a_deadline_that_holds_a_verdict_still_promotes(court: Court) -> None:
    court.canary |= {"deadline": "30s", "at_deadline": "hold"}
    court.requests["hub"].share = 50

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "promote"


async def test_after_a_deadline_that_asks_only_a_person_promotes(court: Court) -> None:
    """They are told with which commands."""
    court.canary |= {"deadline": "30s", "at_deadline": "ask"}
    court.requests["hub"].share = 50
    task = court.judges(last=True)
    assert await court.passes(900, task) is None
    assert court.judging.view["verdict"] == "promote"
    assert court.told("`fairlead promote hub` or `fairlead abort hub`") == 1

    court.controls.promote("alice@host")
    outcome = await court.passes(2, task)
    assert outcome is not None
    assert outcome.verdict == "promote"


async def test_after_a_deadline_that_asks_a_bad_version_is_still_taken_back(court: Court) -> None:
    court.canary |= {"deadline": "30s", "at_deadline": "ask"}
    task = court.judges(last=True)
    await court.passes(40, task)
    court.requests["hub"].errors["v2"] = 0.6

    outcome = await court.passes(300, task)

    assert outcome is not None
    assert outcome.verdict == "roll back"


@pytest.mark.parametrize(("objectives", "moves"), [({}, True), ({"availability": "99%"}, False)])
async def test_while_promises_are_broken_nothing_moves(court: Court, objectives: dict[str, str], moves: bool) -> None:
    """Both versions fail; that says nothing about the new one, and is no time for a change."""
    court.objectives = objectives
    court.requests["hub"].errors = {"v1": 0.3, "v2": 0.3}

    outcome = await court.rules(within_s=60)

    assert (outcome is not None) == moves
    assert court.told("of both versions together") == (not moves)


async def test_when_promises_hold_again_it_goes_on(court: Court) -> None:
    """Soon after: the short window ends it."""
    court.objectives = {"error_rate": "5%"}
    court.requests["hub"].errors = {"v1": 0.3, "v2": 0.3}
    task = court.judges()
    assert await court.passes(60, task) is None
    court.requests["hub"].errors = {"v1": 0.01, "v2": 0.01}

    outcome = await court.passes(90, task)

    assert outcome is not None
    assert outcome.verdict != "roll back"
    assert court.told("answers well again") == 1


async def test_copies_promote_nothing(court: Court) -> None:
    """They tell that nothing speaks against it; the requests themselves are another matter."""
    court.mirrored = True
    court.requests["hub"].share = 100

    outcome = await court.rules(within_s=900)

    assert outcome is not None
    assert outcome.verdict == "done"


async def test_what_copies_told_is_no_evidence_on_requests(court: Court) -> None:
    """Only some of them are copied."""
    court.mirrored = True
    court.requests["hub"].share = 50
    assert await court.rules() is not None
    shadowed = court.judging.standing.cases["hub"].state.seen["errors"].by_share
    court.mirrored = False
    court.requests["hub"].share = 5
    await court.rules(within_s=10)

    assert [share for share, _ in shadowed] == [pytest.approx(1 / 3)]
    assert [share for share, _ in court.judging.standing.cases["hub"].state.seen["errors"].by_share] == [0.05]


@pytest.mark.parametrize(("rate", "verdict"), [(0.02, "done"), (0.2, "roll back")])
async def test_copies_that_a_limit_thins_out_are_compared_rightly(court: Court, rate: float, verdict: str) -> None:
    """A third of those that were to be made are: the split fits all the same, and bad versions are still found."""
    court.mirrored = True
    court.requests["hub"].share, court.requests["hub"].copied = 30, 0.1
    court.requests["hub"].errors["v2"] = rate

    outcome = await court.rules()

    assert outcome is not None
    assert outcome.verdict == verdict
