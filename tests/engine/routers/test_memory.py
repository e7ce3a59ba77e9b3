"""What only the router in memory does: it is told to misbehave, stands in a fake time, and remembers everything."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fairlead.engine.router import Backend, Endpoint, Routing, Sticky, Upstream
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.errors import RouterError
from fairlead.kit.clock import FakeClock


def split(v1: float, v2: float) -> Routing:
    one, two = Endpoint("one", "127.0.0.1", 1), Endpoint("two", "127.0.0.1", 2)
    return Routing(
        upstreams=(Upstream("notes", "http", "http", 3, (Backend("v1", v1, (one,)), Backend("v2", v2, (two,)))),)
    )


async def started(**given: float) -> tuple[FakeClock, MemoryRouter]:
    clock = FakeClock()
    router = MemoryRouter(clock, seed=int(given["seed"]) if "seed" in given else None)
    router.confirm_after_s = given.get("confirm_after_s", 0.0)
    await router.start()
    return clock, router


async def test_without_a_seed_the_split_is_exact() -> None:
    """One in four, neither more nor fewer, and not all at once."""
    _, router = await started()
    await router.apply(split(75, 25))

    versions = [router.send("notes.http").version for _ in range(8)]

    assert versions == ["v1", "v1", "v2", "v1", "v1", "v1", "v2", "v1"]


async def test_with_a_seed_the_split_is_random_and_repeats() -> None:
    """As Envoy's is, and yet the same in each run."""
    runs = []
    for _ in range(2):
        _, router = await started(seed=7)
        await router.apply(split(50, 50))
        runs.append([router.send("notes.http").version for _ in range(20)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {"v1", "v2"}


async def test_a_late_router_serves_the_old_routing_until_it_confirms() -> None:
    """Nothing moves before `confirm` returns."""
    clock, router = await started()
    await router.apply(split(100, 0))
    router.confirm_after_s = 3.0

    confirmed = asyncio.create_task(router.confirm(await router.apply(split(0, 100))))
    await clock.advance(2.9)
    assert not confirmed.done()
    assert router.send("notes.http").version == "v1"
    await clock.advance(0.2)
    await confirmed

    assert router.send("notes.http").version == "v2"


async def test_a_router_that_is_too_late_is_an_error() -> None:
    """After the time that the caller gave it."""
    clock, router = await started(confirm_after_s=60.0)

    confirmed = asyncio.create_task(router.confirm(await router.apply(split(1, 1)), timeout_s=5.0))
    await clock.advance(5.1)

    with pytest.raises(RouterError, match="not served after 5 s"):
        await confirmed


async def test_it_remembers_the_largest_share_and_every_gap() -> None:
    """What a test of a release asks in the end."""
    _, router = await started()
    for shares in ((100, 0), (95, 5), (0, 0), (100, 0)):
        await router.apply(split(*shares))

    assert router.largest_share("notes", "v2") == 5
    assert not router.always_had_somewhere_to_go("notes")
    assert len(router.history) == 4


async def test_a_dead_router_cuts_what_was_under_way_and_forgets_its_counts() -> None:
    """As a killed process does."""
    _, router = await started()
    await router.apply(split(100, 0))
    router.send("notes.http")
    stream = router.open("notes.http")

    router.die()
    with pytest.raises(RouterError):
        router.send("notes.http")
    await router.start()

    assert not stream.under_way
    assert (await router.observe())["notes", "v1"].requests == 0
    assert await router.in_flight("notes") == 0


async def test_an_instance_that_fails_the_routers_checks_gets_nothing() -> None:
    """With no other, the answer is 503."""
    _, router = await started()
    await router.apply(split(100, 0))
    router.failing.add("one")

    assert await router.healthy("notes.http", "v1") == frozenset()
    assert router.send("notes.http").status == 503


async def test_errors_are_counted_apart() -> None:
    """A 5xx is an error of its version, a 404 is not."""
    _, router = await started()
    await router.apply(split(100, 0))
    for status in (200, 404, 500, 503):
        router.open("notes.http").finish(status, latency_ms=status)

    seen = (await router.observe())["notes", "v1"]
    assert (seen.requests, seen.errors) == (4, 2)
    assert seen.latency_ms == {200: 1, 404: 2, 500: 3, 503: 4, float("inf"): 4}


async def test_an_upstream_that_is_not_there_is_an_error() -> None:
    """A typing mistake in a test must not look like an answer."""
    _, router = await started()

    with pytest.raises(RouterError, match=r"no upstream is named note\.http"):
        router.send("note.http")


async def test_what_a_dead_router_cut_is_told_to_nobody() -> None:
    """It writes no log; whoever listens hears what ended before, and what ends after its return."""
    clock, router = await started()
    await router.apply(split(100, 0))
    router.open("notes.http").finish(200, latency_ms=30.0, first_byte_ms=10.0)
    router.open("notes.http")

    router.die()
    await router.start()
    router.open("notes.http").finish(0)

    told = router.answers(clock.wall() - 1)
    first, second = await anext(told), await anext(told)
    assert (first.status, first.duration_ms, first.first_byte_ms, first.failed) == (200, 30.0, 10.0, False)
    assert (second.status, second.first_byte_ms, second.failed) == (0, None, True)


async def test_listeners_hear_what_comes_in_a_time_that_stands_still() -> None:
    """Each of them all of it."""
    clock, router = await started()
    await router.apply(split(100, 0))

    async def first_two() -> list[int]:
        told = router.answers(clock.wall() - 1)
        return [(await anext(told)).status, (await anext(told)).status]

    listening = [asyncio.create_task(first_two()) for _ in range(2)]
    await asyncio.sleep(0)
    for status in (201, 202):
        router.open("notes.http").finish(status)
        await asyncio.sleep(0)

    assert await asyncio.gather(*listening) == [[201, 202]] * 2


async def test_a_client_without_a_cookie_is_a_new_one_each_time() -> None:
    """With a header that it does not send, it is none."""
    _, router = await started()
    (upstream,) = split(50, 50).upstreams
    await router.apply(Routing(upstreams=(replace(upstream, sticky=Sticky("cookie", "c")),)))
    assert len({router.send("notes.http").unit for _ in range(10)}) == 10

    await router.apply(Routing(upstreams=(replace(upstream, sticky=Sticky("header", "c")),)))
    assert {router.send("notes.http").unit for _ in range(10)} == {None}
