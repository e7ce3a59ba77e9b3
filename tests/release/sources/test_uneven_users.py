"""The trap of sticky sessions: a few users send most requests, and fail most, wherever they are sent.

Simulated users through the router's twin, the real source and the real judge, at rising shares: counted as clients the
promise holds; the same answers counted as requests break it, which shows that the simulation has the trap in it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import pytest
from bench.judge.interval import interval
from tests.release.sources.conftest import asking, turning

from fairlead.engine.router import Backend, Endpoint, Routing, Sticky, Upstream
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.kit.clock import FakeClock
from fairlead.release.judge import Batch, EventMargin, Policy, State, begin, update, verdict
from fairlead.release.sources.router import RouterReader

RELEASES, FEWER = 200, 60
USERS = 150
SHARES = (5.0, 25.0, 50.0)
STRETCHES, STRETCH_S = 2, 65.0
POLICY = Policy({name: EventMargin() for name in ("errors", "latency", "first_byte")}, warm_up_s=0.0)
BOUNDS = {"latency": 100.0, "first_byte": 100.0}


@dataclass(frozen=True)
class User:
    """`failing` is the part of its requests that fail, `slow` that of those that are slow, with any good version."""

    name: str
    requests: int
    failing: float
    slow: float

    def uses(self, router: MemoryRouter, chance: random.Random, times_failing: float) -> None:
        """All its requests of one stretch, one after another."""
        for _ in range(self.requests):
            request = router.open("hub.http", client=self.name)
            failing = self.failing * (times_failing if request.version == "v2" else 1.0)
            latency_ms = 150.0 if chance.random() < self.slow else 10.0
            request.finish(503 if chance.random() < failing else 200, latency_ms=latency_ms)


def users(chance: random.Random) -> Iterator[User]:
    """One in ten fails in two requests of five and is slow in half of them; a few send most of all."""
    for number in range(USERS):
        requests = min(int(chance.paretovariate(0.9)), 60)
        failing, slow = (0.4, 0.5) if chance.random() < 0.1 else (0.005, 0.03)
        yield User(f"user {number}", requests, failing, slow)


def routing(share: float, salt: str) -> Routing:
    """The canary holds so many percent of the clients."""
    backends = tuple(
        Backend(version, part, (Endpoint(f"hub-{version}-0", "127.0.0.1", 80),))
        for version, part in (("v2", share), ("v1", 100 - share))
    )
    return Routing(upstreams=(Upstream("hub", "http", "http", 9000, backends, sticky=Sticky("header", "x", salt)),))


async def judged(seed: int, *, sticky: bool, times_failing: float = 1.0) -> list[State]:
    """Where the judge stands after each stretch of one release."""
    clock, chance = FakeClock(), random.Random(seed)
    router, everybody = MemoryRouter(clock), list(users(chance))
    await router.start()
    states, counted = [begin(POLICY)], frozenset[str]()
    for share in SHARES:
        await router.apply(routing(share, f"salt {seed}"))
        reader = RouterReader(asking(clock, router, sticky=sticky, frozen=BOUNDS, counted=counted))
        await turning(clock, reader.start())
        for _ in range(STRETCHES):
            for user in everybody:
                if chance.random() < 0.4:
                    user.uses(router, chance, times_failing)
            await clock.advance(STRETCH_S)
            reading = await reader.read()
            counted |= reading.units
            states.append(update(states[-1], Batch(share / 100, STRETCH_S, reading.seen)))
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


async def test_clients_fall_to_versions_as_they_were_assigned_at_every_share() -> None:
    """Those counted under one share are not counted under the next, where nearly all of the canary's are known."""
    totals = {share: [0.0, 0.0] for share in SHARES}
    for seed in range(100, 160):
        last = (await judged(seed, sticky=True))[-1]
        for share, seen in last.seen["errors"].by_share:
            totals[100 * share][0] += seen.total_canary
            totals[100 * share][1] += seen.total
    for share, (canary, everybody) in totals.items():
        part = share / 100
        assert abs(canary / everybody - part) < 4 * sqrt(part * (1 - part) / everybody)


@pytest.mark.parametrize("seed", range(5))
async def test_a_release_that_fails_everybody_is_taken_back_at_the_second_share_at_last(seed: int) -> None:
    """Of so few clients, five have to meet it."""
    assert took_back((await judged(seed, sticky=True, times_failing=1000.0))[: 2 * STRETCHES])
