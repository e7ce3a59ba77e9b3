"""What every router promises; the engine is written against this and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from fairlead.engine.router import Answer, Entrance, Routing, Rule
from fairlead.errors import RouterError

from .conftest import Town, until
from .replicas import LOOPBACK


async def versions(town: Town, requests: int = 40) -> list[str | None]:
    return [(await town.send()).version for _ in range(requests)]


async def test_a_confirmed_routing_is_the_one_served(town: Town) -> None:
    """After each `confirm`, every request goes where that routing says."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")

    for shares, expected in (((100, 0), "v1"), ((0, 100), "v2"), ((100, 0), "v1")):
        await town.serve(town.upstream(v1=(shares[0], (v1,)), v2=(shares[1], (v2,))))
        assert set(await versions(town)) == {expected}


async def test_shares_split_the_requests(town: Town) -> None:
    """At three to one, the larger share gets more, and the smaller one gets some."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(75, (v1,)), v2=(25, (v2,))))

    found = await versions(town, 200)

    assert found.count("v1") > found.count("v2") > 0


async def test_a_share_without_an_endpoint_goes_to_the_siblings(town: Town) -> None:
    """A version that nobody runs must not cost half of the requests."""
    await town.serve(town.upstream(v1=(50, (await town.endpoint("v1", "one"),)), v2=(50, ())))

    assert set(await versions(town)) == {"v1"}


async def test_a_version_without_a_share_never_steps_in(town: Town) -> None:
    """When no version that may take requests can, the answer is 503."""
    await town.serve(town.upstream(v1=(0, (await town.endpoint("v1", "one"),)), v2=(100, ())))

    assert await town.send() == await town.send()
    assert (await town.send()).status == 503


async def test_a_draining_endpoint_gets_nothing_new_and_keeps_what_it_has(town: Town) -> None:
    """That is how an instance leaves; `in_flight` says when it may."""
    one, two = await town.endpoint("v1", "one"), await town.endpoint("v1", "two")
    await town.serve(town.upstream(v1=(100, (one,))))
    stream = await town.open()

    await town.serve(town.upstream(v1=(100, (replace(one, draining=True), two))))

    assert {(await town.send()).instance for _ in range(40)} == {"two"}
    assert await town.router.in_flight("notes", instance="one") == 1
    await stream.finish()
    await until(lambda: _nothing_under_way(town))


async def _nothing_under_way(town: Town) -> bool:
    return await town.router.in_flight("notes", instance="one") == 0 and await town.router.in_flight("notes") == 0


async def test_draining_and_its_end_hold_from_the_moment_they_are_confirmed(town: Town) -> None:
    """However soon one change follows another."""
    one, two = await town.endpoint("v1", "one"), await town.endpoint("v1", "two")

    for leaving in ("one", "two") * 3:
        found = tuple(replace(each, draining=each.instance == leaving) for each in (one, two))
        await town.serve(town.upstream(v1=(100, found)))
        assert leaving not in {(await town.send()).instance for _ in range(8)}


async def test_a_version_taken_out_of_the_route_keeps_its_streams(town: Town) -> None:
    """Even when the version is gone from the routing altogether."""
    one, two = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(100, (one,))))
    stream = await town.open()

    await town.serve(town.upstream(v1=(0, (one,)), v2=(100, (two,))))
    assert await town.router.in_flight("notes", version="v1") == 1
    assert await town.router.in_flight("notes", version="v2") == 0
    await town.serve(town.upstream(v2=(100, (two,))))

    await stream.finish()


async def test_the_longest_path_of_the_narrowest_host_wins(town: Town) -> None:
    """By whole segments; what no rule names is not found."""
    port = getattr(town, "public_port", 8080)
    notes = town.upstream(v1=(1, (await town.endpoint("v1", "one"),)))
    other = replace(notes, service="other", local_port=notes.local_port - 1)
    other = replace(
        other, backends=(replace(other.backends[0], endpoints=(await town.endpoint("v9", "nine"),), version="v9"),)
    )
    rules = (
        Rule("*", "/notes", "notes.http"),
        Rule("*", "/notes/deep", "other.http"),
        Rule("*.example.com", "/wild", "other.http"),
        Rule("api.example.com", "/", "other.http"),
    )
    await town.serve(Routing((Entrance(LOOPBACK, port),), (notes, other), rules))

    async def sent(host: str, path: str) -> str | int | None:
        answer = await town.send(host=host, path=path)
        return answer.version or answer.status

    assert await sent("localhost", "/notes") == "v1"
    assert await sent("localhost", "/notes/more") == "v1"
    assert await sent("localhost", "/notesmore") == 404
    assert await sent("localhost", "/notes/deep/er") == "v9"
    assert await sent("a.example.com", "/wild") == "v9"
    assert await sent("a.example.com", "/notes") == "v1"
    assert await sent("example.com", "/wild") == 404
    assert await sent("api.example.com", "/notes") == "v9"


async def test_equal_routings_have_equal_revisions(town: Town) -> None:
    """Applying one again changes nothing, so a repeat after a crash is safe."""
    one = await town.endpoint("v1", "one")
    first = await town.serve(town.upstream(v1=(1, (one,))))

    assert await town.serve(town.upstream(v1=(1, (one,)))) == first
    assert await town.serve(town.upstream(v1=(1, (replace(one, draining=True),)))) != first


async def test_a_refused_routing_leaves_the_one_before_it(town: Town) -> None:
    """`confirm` says why, and the next good one is taken as if nothing had been."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(1, (v1,))))
    next_one = Routing(upstreams=(town.upstream(v2=(1, (v2,))),))

    revision = await town.router.apply(town.refused(next_one))
    with pytest.raises(RouterError, match="the router refused"):
        await town.router.confirm(revision)

    assert set(await versions(town)) == {"v1"}
    await town.serve(next_one)
    assert set(await versions(town)) == {"v2"}


async def test_a_revision_that_was_never_applied_is_not_confirmed(town: Town) -> None:
    """Nothing is taken on trust."""
    await town.serve(town.upstream(v1=(1, (await town.endpoint("v1", "one"),))))

    with pytest.raises(RouterError):
        await town.router.confirm("0123456789abcdef", timeout_s=0.05)


async def test_a_killed_router_comes_back_with_the_same_routing(town: Town) -> None:
    """Dead, it says so and confirms nothing; started again, it needs no help."""
    one = await town.endpoint("v1", "one")
    revision = await town.serve(town.upstream(v1=(1, (one,))))

    ended = asyncio.create_task(town.router.ended())
    await town.kill_router()
    await ended
    assert not await town.router.alive()
    with pytest.raises(RouterError):
        await town.router.confirm(revision, timeout_s=0.05)
    with pytest.raises(RouterError):
        await town.router.in_flight("notes")

    await town.router.start()
    await town.router.confirm(revision)
    assert (await town.send()).version == "v1"


async def test_a_routing_applied_while_the_router_is_dead_is_served_when_it_is_back(town: Town) -> None:
    """The engine need not wait for it."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(1, (v1,))))
    await town.kill_router()

    revision = await town.router.apply(Routing(upstreams=(town.upstream(v2=(1, (v2,))),)))
    await town.router.start()
    await town.router.confirm(revision)

    assert (await town.send()).version == "v2"


async def test_healthy_names_the_instances_that_would_get_a_request(town: Town) -> None:
    """Draining ones are not among them, nor those of other versions."""
    one, two = await town.endpoint("v1", "one"), await town.endpoint("v1", "two")
    three = await town.endpoint("v2", "three")
    await town.serve(town.upstream(v1=(1, (one, replace(two, draining=True))), v2=(0, (three,))))

    assert await town.router.healthy("notes.http", "v1") == {"one"}
    assert await town.router.healthy("notes.http", "v2") == {"three"}
    assert await town.router.healthy("notes.http", "v3") == frozenset()


async def test_what_passed_is_counted_for_each_version(town: Town) -> None:
    """Requests, and how long they took, as a cumulative histogram."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(100, (v1,)), v2=(0, (v2,))))
    await versions(town, 10)

    async def counted() -> bool:
        seen = await town.router.observe()
        return seen["notes", "v1"].requests == 10 and max(seen["notes", "v1"].latency_ms.values()) == 10

    await until(counted)
    seen = await town.router.observe()
    assert seen["notes", "v2"].requests == 0
    assert seen["notes", "v1"].latency_ms[float("inf")] == 10
    assert list(seen["notes", "v1"].latency_ms.values()) == sorted(seen["notes", "v1"].latency_ms.values())


async def test_every_request_that_ends_is_told(town: Town) -> None:
    """By whom it was answered, when it began and how it went; those before `since` are left out."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(town.upstream(v1=(50, (v1,)), v2=(50, (v2,))))
    await versions(town, 5)
    ended = town.now()
    await until(lambda: passed(town, ended + 0.005))
    since = town.now()
    sent = Counter(await versions(town, 20))

    told = [answer async for answer in taken(town.router.answers(since), 20)]

    assert Counter(answer.version for answer in told) == sent
    assert {(one.service, one.status, one.failed, one.mirrored, one.unit) for one in told} == {
        ("notes", 200, False, False, None)
    }
    assert {(one.version, one.instance) for one in told} == {("v1", "one"), ("v2", "two")}
    assert all(since <= one.began <= town.now() for one in told)


async def test_a_version_that_nobody_can_reach_is_told_to_have_failed(town: Town) -> None:
    """The client had a 503, whoever wrote it."""
    since = town.now() - 1
    await town.serve(town.upstream(v1=(100, (town.unreachable("one"),))))

    assert (await town.send()).status == 503

    (answer,) = [answer async for answer in taken(town.router.answers(since), 1)]
    assert (answer.version, answer.status, answer.failed) == ("v1", 503, True)


async def passed(town: Town, moment: float) -> bool:
    """Whether a moment is over; ends are known to the millisecond."""
    return town.now() > moment


async def taken(answers: AsyncIterator[Answer], count: int) -> AsyncIterator[Answer]:
    for _ in range(count):
        yield await anext(answers)


async def test_many_changes_at_once_end_with_the_last(town: Town) -> None:
    """Callers queue; none sees a half of another's routing."""
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    routings = [Routing(upstreams=(town.upstream(v1=(n, (v1,)), v2=(10 - n, (v2,))),)) for n in range(11)]

    revisions = await asyncio.gather(*(town.router.apply(routing) for routing in routings))

    await town.router.confirm(revisions[-1])
    assert set(await versions(town)) == {"v1"}


async def test_stopping_twice_is_no_error(town: Town) -> None:
    """As any call that is repeated after a crash."""
    await town.router.stop()
    await town.router.stop()

    assert not await town.router.alive()
