"""A judgement that is cut short goes on as if it had not been, and can be repeated later, to the letter."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.release.judging.conftest import Court, dropped

from fairlead.errors import ReleaseError
from fairlead.release.indicators import with_margin
from fairlead.release.judge import Batch, Counts, Moments, Values
from fairlead.release.judging.observation import Sight, from_record, policies_of, to_record
from fairlead.release.judging.replay import first_verdict, replay, resumed
from fairlead.release.judging.verdicts import figures
from fairlead.release.sources import Reading
from fairlead.release.steps import Outcome


async def cut_short(court: Court, every_s: float, times: int) -> Outcome | None:
    """Judge with an engine that dies again and again."""
    for _ in range(times):
        task = court.judges(last=True)
        await court.passes(every_s, task)
        if task.done():
            return task.result()
        before = court.judging.standing
        await dropped(task)
        court.new_judging()
        assert resumed(court.book.observations()) == before
    return await court.rules(last=True)


@pytest.mark.parametrize("every_s", [1, 2, 3, 7, 30])
@pytest.mark.parametrize(("rate", "verdict"), [(0.02, "promote"), (0.2, "roll back")])
async def test_killed_at_any_moment_it_ends_with_the_right_verdict(every_s: float, rate: float, verdict: str) -> None:
    """What was seen before still counts: the state is the same to the last digit."""
    court = Court()
    court.requests["hub"].share = 50
    court.requests["hub"].errors["v2"] = rate

    outcome = await cut_short(court, every_s, times=8)

    assert outcome is not None
    assert outcome.verdict == verdict


async def test_the_time_that_has_passed_is_what_was_watched(court: Court) -> None:
    """An engine that was away for a day has not judged for a day, and a clock put forward judges nothing."""
    court.canary |= {"deadline": "10m", "at_deadline": "roll back", "pace": "60s"}
    court.requests["hub"].share = 5
    task = court.judges(pace_s=60)
    await court.passes(40, task)
    await dropped(task)
    await court.clock.advance(86_400)
    court.clock.set_wall(court.clock.wall() + 1e6)

    court.new_judging()
    task = court.judges(pace_s=60)
    assert await court.passes(15, task) is None
    outcome = await court.passes(20, task)

    assert outcome is not None
    assert outcome.verdict == "done"
    assert outcome.details["seconds"] < 90


@pytest.mark.parametrize("leap", [-1e6, 1e6])
async def test_a_wall_clock_that_is_set_changes_nothing(leap: float) -> None:
    """Neither back nor forward."""
    steady, leaping = Court(seed=3), Court(seed=3)
    tasks = [court.judges(last=True) for court in (steady, leaping)]
    await asyncio.gather(steady.passes(20, tasks[0]), leaping.passes(20, tasks[1]))
    leaping.clock.set_wall(leaping.clock.wall() + leap)
    await asyncio.gather(steady.passes(40, tasks[0]), leaping.passes(40, tasks[1]))

    assert steady.judging.standing == leaping.judging.standing
    for task in tasks:
        await dropped(task)


async def test_frozen_bounds_outlive_a_crash(court: Court) -> None:
    """The next engine does not choose them anew."""
    task = court.judges()
    await court.passes(5, task)
    await dropped(task)
    court.new_judging()
    task = court.judges()
    await court.passes(3, task)
    await dropped(task)

    assert [dict(asked.frozen) for asked in court.openings] == [{}, {"latency": 250.0}]


async def test_bounds_that_are_found_later_outlive_a_crash_as_well(court: Court) -> None:
    """There was nothing to learn them from when it began."""
    court.faults["router"] = lambda: Reading({}, frozen={"first_byte": 90.0, "weather": 1.0})
    task = court.judges()
    await court.passes(5, task)
    await dropped(task)
    court.new_judging()
    task = court.judges()
    await court.passes(3, task)
    await dropped(task)

    assert dict(court.openings[-1].frozen) == {"latency": 250.0, "first_byte": 90.0}


async def test_clients_that_were_counted_are_not_counted_again(court: Court) -> None:
    """The next engine's sources are told whom to leave out."""
    court.faults["router"] = lambda: Reading({"errors": Counts(0, 0, 1, 1)}, units=frozenset({"a1", "b2"}))
    task = court.judges()
    await court.passes(5, task)
    await dropped(task)
    court.new_judging()
    task = court.judges()
    await court.passes(3, task)
    await dropped(task)

    assert [asked.counted for asked in court.openings] == [frozenset(), {"a1", "b2"}]


async def test_a_replay_gives_the_verdict_and_every_number_of_the_judgement(court: Court) -> None:
    """Through the text that the journal keeps."""
    court.requests["hub"].errors["v2"] = 0.08
    outcome = await court.rules(last=True)
    assert outcome is not None

    standing, found = first_verdict(json.loads(json.dumps(court.book.observations())))

    assert found.kind == outcome.verdict == "roll back"
    assert {"reason": found.why, **figures(standing, found)} == outcome.details
    assert standing == court.judging.standing


async def test_a_replay_by_another_policy_tells_what_it_would_have_said(court: Court) -> None:
    """A margin of five is soon proven; one of a twentieth is not."""
    court.requests["hub"].share = 50
    assert await court.rules(last=True) is not None
    records = court.book.observations()
    policies = policies_of(records)
    assert policies is not None

    narrow = {service: with_margin(policy, 1.05) for service, policy in policies.items()}
    wide = {service: with_margin(policy, 5.0) for service, policy in policies.items()}

    assert first_verdict(records, narrow)[1].kind == "hold"
    assert first_verdict(records, wide)[1].kind == "promote"
    assert first_verdict(records, wide)[0].seconds < first_verdict(records)[0].seconds
    assert sum(1 for _ in replay(records)) > 10


def test_what_was_not_judged_can_not_be_replayed() -> None:
    """And is said, rather than taken for a hold."""
    with pytest.raises(ReleaseError, match="was not judged"):
        first_verdict([])


amounts = st.floats(0, 1e9) | st.integers(0, 10**9)
moments = st.builds(Moments, amounts, amounts, amounts, amounts)
observed = st.none() | st.builds(Counts, amounts, amounts, amounts, amounts) | st.builds(Values, moments, moments)
names = st.text(min_size=1, max_size=8)
batches = st.builds(
    Batch, st.none() | st.floats(0, 1), st.floats(0, 1e6), st.dictionaries(names, observed), st.integers(0, 9)
)
sights = st.builds(
    Sight,
    batches,
    st.dictionaries(names, names),
    st.dictionaries(names, st.floats(allow_nan=False)),
    st.frozensets(names),
    st.none() | st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)),
    st.booleans(),
)


@given(st.dictionaries(names, sights, max_size=2))
@settings(max_examples=60, deadline=None)
def test_an_observation_is_kept_exactly(observation: dict[str, Sight]) -> None:
    """Every number, through text."""
    assert from_record(json.loads(json.dumps(to_record(observation)))) == observation
