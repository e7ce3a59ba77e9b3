"""Good versions get in, bad ones are taken back, and what can't be told holds: the loop as a whole."""

from __future__ import annotations

import asyncio
import json

import pytest
from tests.release.judging.conftest import Court, dropped

from fairlead.errors import JournalError
from fairlead.release.judge import Moments, Values
from fairlead.release.judging.standing import Case
from fairlead.release.sources import Reading


def case(court: Court, service: str = "hub") -> Case:
    """Where the judgement of a service stands."""
    return court.judging.standing.cases[service]


async def test_a_version_as_good_as_the_present_one_is_promoted(court: Court) -> None:
    """With the numbers that the verdict rests on, as JSON."""
    court.requests["hub"].share = 50

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "promote"
    kept = json.loads(json.dumps(outcome.details))
    assert kept["reason"] == "within the margin in everything"
    assert kept["evidence"].keys() == {"errors", "latency", "first_byte"}
    assert kept["seconds"] > 60
    assert kept["requests"]["hub"]["canary"] > 1000


async def test_three_times_the_errors_are_taken_back(court: Court) -> None:
    """The reason names what is worse."""
    court.requests["hub"].errors["v2"] = 0.06

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "roll back"
    assert outcome.details["reason"] == "worse in errors"


async def test_half_of_the_requests_failing_are_taken_back_within_seconds(court: Court) -> None:
    """Before the warm-up is over."""
    court.requests["hub"].errors["v2"] = 0.6

    outcome = await court.rules(within_s=10)

    assert outcome is not None
    assert outcome.verdict == "roll back"


async def test_instances_that_keep_crashing_are_taken_back_at_once(court: Court) -> None:
    """Crashes before the judgement began are not its business; three in it are."""
    court.crashed["hub"] = 7
    task = court.judges()
    assert await court.passes(6, task) is None
    court.crashed["hub"] = 10

    outcome = await court.passes(4, task)

    assert outcome is not None
    assert outcome.details["reason"] == "its instances crashed 3 times"


async def test_an_incident_that_hits_both_versions_takes_nothing_back(court: Court) -> None:
    """Half of all requests fail for minutes, with both."""
    court.requests["hub"].errors = {"v1": 0.5, "v2": 0.5}

    outcome = await court.rules(last=True, within_s=300)

    assert outcome is None or outcome.verdict == "promote"


async def test_the_next_share_follows_when_the_pace_has_passed(court: Court) -> None:
    """Not before, whatever is known by then."""
    court.requests["hub"].share = 5
    task = court.judges(pace_s=60)
    assert await court.passes(59, task) is None

    outcome = await court.passes(30, task)

    assert outcome is not None
    assert outcome.verdict == "done"


async def test_nobody_moves_on_before_the_new_version_has_answered(court: Court) -> None:
    """A quiet service gets no further by mere time."""
    court.requests["hub"].per_s = 0

    assert await court.rules(within_s=600) is None
    assert "answers of the new version" in court.judging.view["next"]


async def test_a_silent_source_freezes_the_share_and_says_why(court: Court) -> None:
    """And only until it speaks again."""
    why = "no samples for 60 s"
    court.faults["router"] = lambda: Reading({"latency": None}, {"latency": why, "errors": why, "first_byte": why})
    task = court.judges()

    assert await court.passes(120, task) is None
    assert court.told(f"errors ({why})") == 1
    assert why in court.judging.view["waits"]

    court.faults.clear()
    assert await court.passes(60, task) is not None
    assert court.told("tells again") == 1


@pytest.mark.parametrize("fault", ["raises", "hangs", "lies", "tells too much"])
async def test_whatever_a_source_does_is_no_evidence_at_worst(court: Court, fault: str) -> None:
    """No verdict, no end of the judgement: the reason is told, without a word too many."""

    async def raises() -> None:
        raise RuntimeError("boom " + "x" * 1000)

    lie = Values(Moments(1, 1, 1, 1), Moments(1, 1, 1, 1))
    court.faults["router"] = {
        "raises": raises,
        "hangs": lambda: asyncio.Event().wait(),
        "lies": lambda: Reading({"errors": lie, "latency": lie, "first_byte": lie}),
        "tells too much": lambda: Reading({"weather": None}),
    }[fault]

    assert await court.rules(within_s=60) is None
    silent = {row["name"]: row["silent"] for row in court.judging.view["indicators"]}
    assert all(0 < len(why) < 300 for why in silent.values())
    words = {
        "raises": "router: boom",
        "hangs": "router: no answer in time",
        "lies": "its source tells Values",
        "tells too much": "no answer from its source",
    }
    assert words[fault] in silent["errors"]


async def test_a_source_that_can_not_be_opened_is_tried_again(court: Court) -> None:
    """A server that comes up later is heard from then on."""
    open_, shut = court.source, True

    def find(name: str):  # type: ignore[no-untyped-def]  # as `source`, which it stands for
        if shut:
            raise RuntimeError("connection refused")
        return open_(name)

    court.source = find  # type: ignore[method-assign]  # a server that is down
    court.new_judging()
    task = court.judges()
    assert await court.passes(60, task) is None
    assert "connection refused" in court.judging.view["waits"]

    shut = False
    assert await court.passes(60, task) is not None


async def test_several_services_get_one_verdict(court: Court) -> None:
    """Each by its own share; what any of them does wrong is told with its name."""
    court = Court("hub", "guard")
    court.requests["hub"].share = 5
    court.requests["guard"].errors["v2"] = 0.06

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "roll back"
    assert outcome.details["reason"] == "guard: worse in errors"
    assert {"hub/errors", "guard/latency"} <= outcome.details["evidence"].keys()


async def test_a_hard_break_is_seen_in_any_of_several_services() -> None:
    """Not in the one alone that leads."""
    court = Court("hub", "guard")
    court.requests["guard"].errors["v2"] = 0.7

    outcome = await court.rules(within_s=12)

    assert outcome is not None
    assert outcome.details["reason"].startswith("guard: ")


async def test_several_good_services_are_promoted_together() -> None:
    """When the last of them is proven."""
    court = Court("hub", "guard")
    for requests in court.requests.values():
        requests.share = 50

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.verdict == "promote"


async def test_a_declared_mean_takes_part(court: Court) -> None:
    """A version that costs half as much again is taken back, for its cost."""
    court.canary["indicators"] = {"cost": {"gauge": "request_cost_usd"}}
    court.requests["hub"].cost["v2"] = 1.5

    outcome = await court.rules(last=True)

    assert outcome is not None
    assert outcome.details["reason"] == "worse in cost"


async def test_a_version_that_answers_nothing_is_taken_back(court: Court) -> None:
    """Not one bad event, and no good one either."""
    court.requests["hub"].mute = {"v2"}

    outcome = await court.rules(within_s=60)

    assert outcome is not None
    assert outcome.verdict == "roll back"
    assert "has answered none of about" in outcome.details["reason"]


async def test_a_version_is_not_blamed_when_nobody_answers(court: Court) -> None:
    """Neither does the stable one."""
    court.requests["hub"].mute = {"v1", "v2"}
    assert await court.rules(within_s=300) is None


async def test_what_was_seen_while_the_lease_had_lapsed_does_not_count(court: Court) -> None:
    """The shares were others; sources begin anew, and the warm-up too."""
    task = court.judges(last=True)
    await court.passes(30, task)
    before, openings = case(court).state.seen["errors"].by_share, len(court.openings)
    court.lapses = 1

    await court.passes(2, task)

    assert case(court).state.seen["errors"].by_share == before
    assert case(court).state.held_s == 0
    assert len(court.openings) == openings + 1
    assert court.openings[-1].frozen == {"latency": 250.0}
    assert court.told("lapsed") == 1
    await dropped(task)


async def test_a_share_that_changes_half_way_is_not_mixed_with_the_one_before(court: Court) -> None:
    """By whoever it was changed."""
    task = court.judges(last=True)
    await court.passes(30, task)
    court.requests["hub"].share = 50
    await court.passes(30, task)

    assert [share for share, _ in case(court).state.seen["errors"].by_share] == [0.25, 0.5]
    assert case(court).state.seen["errors"].silent is None
    await dropped(task)


async def test_a_journal_that_can_not_be_written_ends_the_judgement(court: Court) -> None:
    """A verdict must never rest on what a crash could undo."""

    def full(record: object) -> None:
        raise JournalError("the disk is full")

    task = court.judges()
    await court.passes(6, task)
    court.book.observe = full  # type: ignore[method-assign]  # a disk that is full from now on

    with pytest.raises(JournalError):
        await court.passes(6, task)
