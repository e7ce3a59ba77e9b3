"""The trap of sticky sessions: a few users send most requests, and fail most, wherever they are sent.

Simulated users through the real source and the real judge: counted as clients the promise holds; the same answers
counted as requests break it, which shows that the simulation has the trap in it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from bench.judge.interval import interval
from tests.release.sources.conftest import Telling, asking, turning

from fairlead.engine.router import Answer
from fairlead.kit.clock import FakeClock
from fairlead.release.judge import Batch, EventMargin, Policy, State, begin, update, verdict
from fairlead.release.sources.router import RouterReader

RELEASES, FEWER = 300, 100
USERS = 150
SHARE = 0.25
POLICY = Policy({name: EventMargin() for name in ("errors", "latency", "first_byte")}, warm_up_s=0.0)
BOUNDS = {"latency": 100.0, "first_byte": 100.0}
STRETCHES, STRETCH_S = 6, 30.0


def traffic(router: Telling, seed: int, chance: random.Random, times_failing: float) -> list[Answer]:
    """What all users meet in one stretch: one in ten fails in two requests of five, and is slow in half of them."""
    answers = []
    for user in range(USERS):
        mark = random.Random(f"{seed} {user}")  # who this user is does not change from stretch to stretch
        version = "v2" if mark.random() < SHARE else "v1"
        unlucky = mark.random() < 0.1
        failing = (0.4 if unlucky else 0.005) * (times_failing if version == "v2" else 1.0)
        for _ in range(min(int(mark.paretovariate(0.9)), 60)):
            failed = chance.random() < failing
            ms = 150.0 if chance.random() < (0.5 if unlucky else 0.03) else 10.0
            answers.append(router.answer(version, ms, first_byte_ms=ms, failed=failed, unit=f"{user}"))
    chance.shuffle(answers)
    return answers


async def judged(seed: int, *, sticky: bool, times_failing: float = 1.0) -> list[State]:
    """Where the judge stands after each stretch of one release."""
    clock, chance = FakeClock(), random.Random(seed)
    router = Telling(clock)
    reader = RouterReader(asking(clock, router, sticky=sticky, frozen=BOUNDS))
    await turning(clock, reader.start())
    states = [begin(POLICY)]
    for _ in range(STRETCHES):
        await clock.advance(STRETCH_S)
        router.tells(*traffic(router, seed, chance, times_failing))
        await clock.advance(0)
        seen = (await reader.read()).seen
        states.append(update(states[-1], Batch(SHARE, STRETCH_S, seen)))
    await reader.close()
    return states[1:]


def took_back(states: Sequence[State]) -> bool:
    return any(verdict(state, forecast=False).kind == "roll back" for state in states)


async def times_taken_back(releases: int, *, sticky: bool) -> int:
    return sum([took_back(await judged(seed, sticky=sticky)) for seed in range(releases)])


async def test_a_good_release_to_uneven_users_is_taken_back_one_time_in_a_hundred_at_most() -> None:
    assert interval(await times_taken_back(RELEASES, sticky=True), RELEASES)[0] <= POLICY.alpha


async def test_the_same_users_counted_by_request_would_break_the_promise() -> None:
    """So what is counted is what was assigned."""
    assert interval(await times_taken_back(FEWER, sticky=False), FEWER)[0] > POLICY.alpha


@pytest.mark.parametrize("seed", range(5))
async def test_a_release_that_fails_everybody_is_taken_back_at_the_first_look(seed: int) -> None:
    assert took_back((await judged(seed, sticky=True, times_failing=1000.0))[:1])
