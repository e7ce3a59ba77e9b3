"""Copies of requests: who is copied, how often, what is told of them, and that nobody notices."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import grpc.aio
import pytest

from fairlead.engine.router import (
    Answer,
    Backend,
    Endpoint,
    Entrance,
    Mirror,
    Routing,
    Sticky,
    TrafficPolicy,
    Upstream,
)
from fairlead.engine.routers.config import config
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.kit.clock import FakeClock

from .conftest import EnvoyTown, MemoryTown, Town, until
from .replicas import LOOPBACK, Replica, free_port
from .test_under_load import load
from .test_wire import bare, grpc_server, unary

ALL = Mirror("v2", 100.0, 1000.0)
METHODS = ("GET", "POST", "PUT", "DELETE")


def mirrored(town: Town, v1: Endpoint, v2: Endpoint, mirror: Mirror | None = ALL, **policy: object) -> Upstream:
    upstream = town.upstream(v1=(100, (v1,)), v2=(0, (v2,)))
    return replace(upstream, mirror=mirror, policy=TrafficPolicy(**policy))  # type: ignore[arg-type] # any field of it


async def pair(town: EnvoyTown) -> tuple[Replica, Replica]:
    return await town.replica("v1", "one"), await town.replica("v2", "two")


async def answers_of(town: Town, since: float, copies: int, requests: int) -> tuple[list[Answer], list[Answer]]:
    """So many copies and requests, in the order they began."""
    found: dict[bool, list[Answer]] = {True: [], False: []}
    async for answer in town.router.answers(since):
        found[answer.mirrored].append(answer)
        if len(found[True]) >= copies and len(found[False]) >= requests:
            break
    return found[True], found[False]


async def ask(town: Town, requests: int) -> set[str | None]:
    return {(await town.send()).version for _ in range(requests)}


# with both routers


async def test_a_mirrored_version_gets_copies_and_no_client(town: Town) -> None:
    """Told apart from what clients got, with status, time and instance."""
    since = town.now() - 1
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(mirrored(town, v1, v2))

    assert await ask(town, 10) == {"v1"}

    copies, requests = await answers_of(town, since, 10, 10)
    assert {(one.version, one.instance, one.status, one.failed) for one in copies} == {("v2", "two", 200, False)}
    assert {(one.version, one.instance, one.mirrored) for one in requests} == {("v1", "one", False)}
    assert {one.method for one in copies} == {"GET"}
    assert all(one.first_byte_ms is not None for one in copies)


async def test_a_sample_is_copied_and_no_more_than_the_limit(town: Town) -> None:
    """A part of the requests; then at most so many."""
    since = town.now() - 1
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")

    await town.serve(mirrored(town, v1, v2, replace(ALL, sample=50.0)))
    await ask(town, 60)
    await town.serve(mirrored(town, v1, v2, replace(ALL, per_s=0.001)))
    await ask(town, 20)
    await town.serve(mirrored(town, v1, v2, None))
    await ask(town, 5)

    copies, _ = await answers_of(town, since, 0, 85)
    assert 5 < len(copies) < 55


async def test_a_mirror_without_an_instance_copies_nothing(town: Town) -> None:
    """Nor does it matter to anybody."""
    since = town.now() - 1
    v1, v2 = await town.endpoint("v1", "one"), await town.endpoint("v2", "two")
    await town.serve(mirrored(town, v1, replace(v2, draining=True)))

    assert await ask(town, 5) == {"v1"}

    assert (await answers_of(town, since, 0, 5))[0] == []


# in memory


async def test_in_memory_a_copy_ends_by_itself_and_counts_as_under_way() -> None:
    """So a test can let the new version be slow while its clients are not."""
    clock = FakeClock()
    router = MemoryRouter(clock)
    await router.start()
    town = MemoryTown(router)
    v1, v2 = Endpoint("one", LOOPBACK, 1), Endpoint("two", LOOPBACK, 2)
    await town.serve(mirrored(town, v1, v2, replace(ALL, per_s=2.0)))

    request = router.open("notes.http").finish()
    assert request.copy
    assert await router.in_flight("notes", version="v2") == 1
    request.copy.finish(500, latency_ms=70.0, first_byte_ms=50.0)

    told = router.answers(clock.wall() - 1)
    assert [(one.mirrored, one.failed) for one in (await anext(told), await anext(told))] == [
        (False, False),
        (True, True),
    ]
    assert router.open("notes.http", method="POST").copy is None
    assert [router.send("notes.http").copy is not None for _ in range(3)] == [True, False, False]
    await clock.advance(0.5)
    assert router.send("notes.http").copy


# with Envoy


async def test_only_the_methods_listed_are_copied_and_no_upgraded_connection(envoy: EnvoyTown) -> None:
    """A POST may do something twice; a WebSocket has no answer."""
    v1, v2 = await pair(envoy)
    await envoy.serve(mirrored(envoy, v1.endpoint, v2.endpoint))

    for method in METHODS:
        await envoy.ask(method, f"{envoy.local}/{method}")
    async with envoy.client.ws_connect(f"{envoy.local}/ws") as socket:
        await socket.close()
    await envoy.ask("GET", f"{envoy.local}/last")
    await until(lambda: has(v2, "/last"))
    assert v2.seen == ["/GET", "/last"]

    listed = replace(ALL, methods=("POST",))
    await envoy.serve(mirrored(envoy, v1.endpoint, v2.endpoint, listed))
    for method in METHODS:
        await envoy.ask(method, f"{envoy.local}/again-{method}", data=b"x" * 500_000)
    await until(lambda: has(v2, "/again-POST"))
    assert v2.seen[2:] == ["/again-POST"]


async def has(replica: Replica, path: str) -> bool:
    return path in replica.seen


async def test_a_copy_looks_like_the_request_it_was_made_of(envoy: EnvoyTown) -> None:
    """Host, path as the service sees it, headers, and the whole body; from outside and from inside."""
    v1, v2 = await pair(envoy)
    got: list[tuple[str, str, str, int]] = []
    for replica in (v1, v2):
        replica.hears = lambda request, size: got.append(
            (request.host, request.raw_path, request.headers["x-request-id"], size)
        )
    upstream = mirrored(envoy, v1.endpoint, v2.endpoint, replace(ALL, methods=("POST",)))
    rules = (envoy.rule("/notes", strip=True),)
    await envoy.serve(Routing((Entrance(LOOPBACK, envoy.public_port),), (upstream,), rules))

    headers = {"host": "town.example", "x-request-id": "same"}
    await envoy.ask("POST", f"{envoy.public}/notes/a%20b?c=d", data=b"x" * 300_000, headers=headers)

    async def both() -> bool:
        return len(got) == 2

    await until(both)
    assert got[0] == got[1] == ("town.example", "/a%20b?c=d", "same", 300_000)


async def test_a_body_too_large_to_be_kept_is_not_copied(envoy: EnvoyTown) -> None:
    """The request passes all the same, as large as it is; the next one is copied again."""
    v1, v2 = await pair(envoy)
    await envoy.serve(mirrored(envoy, v1.endpoint, v2.endpoint, replace(ALL, methods=("POST",)), retry_on="never"))

    answer, seen = await envoy.ask("POST", f"{envoy.local}/large", data=io.BytesIO(b"x" * 20_000_000))
    await envoy.ask("POST", f"{envoy.local}/small", data=b"x" * 1_000_000)

    assert (answer.status, seen["bytes"]) == (200, 20_000_000)
    await until(lambda: has(v2, "/small"))
    assert v2.seen == ["/small"]


async def test_a_version_that_reads_no_body_does_not_hold_up_the_request_it_is_a_copy_of(envoy: EnvoyTown) -> None:
    """Whatever it leaves unread, the client's own upload goes on."""
    v1 = await envoy.replica("v1", "one")
    never = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    port = free_port()
    server = await asyncio.start_server(deaf, LOOPBACK, port, limit=1)
    upstream = mirrored(envoy, v1.endpoint, Endpoint("two", LOOPBACK, port), replace(ALL, methods=("POST",)))
    await envoy.serve(upstream)

    for size in (1_000_000, 12_000_000, 40_000_000):
        answer, seen = await envoy.ask("POST", f"{envoy.local}/", data=io.BytesIO(b"x" * size))
        assert (answer.status, seen["bytes"]) == (200, size)

    never.set()
    server.close()


@pytest.mark.parametrize("fate", ["dead", "hanging", "failing", "breaking"])
@pytest.mark.timeout(60)
async def test_whatever_the_mirrored_version_does_no_request_notices(envoy: EnvoyTown, fate: str) -> None:
    """Questions and uploads under load, with copies of all: dead, hanging, failing or breaking connections."""
    v1, v2 = await pair(envoy)
    v2.fate = fate
    endpoint = Endpoint("two", LOOPBACK, free_port()) if fate == "dead" else v2.endpoint
    plain = mirrored(envoy, v1.endpoint, endpoint, None)
    since = time.time()

    await envoy.serve(plain)
    async with load(envoy.local) as seen, uploads(envoy) as uploaded:
        await envoy.serve(replace(plain, mirror=Mirror("v2", 100.0, 100_000.0, ("GET", "POST"))))
        await seen.more(500)
        await envoy.serve(plain)
        await seen.more(40)

    v2.ends.set()
    assert seen.failures == []
    assert set(seen.statuses) == set(uploaded) == {200}
    copies, _ = await answers_of(envoy, since, 100, 0)
    assert fate == "hanging" or all(one.failed for one in copies)


@contextlib.asynccontextmanager
async def uploads(envoy: EnvoyTown) -> AsyncIterator[Counter[int]]:
    """Clients that send bodies all the time, and what they were answered."""
    statuses: Counter[int] = Counter()

    async def send() -> None:
        while True:
            async with envoy.client.post(envoy.local, data=b"x" * 300_000) as answer:
                assert (await answer.json())["bytes"] == 300_000
                statuses[answer.status] += 1

    sending = [asyncio.create_task(send()) for _ in range(2)]
    try:
        yield statuses
    finally:
        assert not any(one.done() for one in sending)
        for one in sending:
            one.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def test_copies_that_hang_do_not_pile_up(envoy: EnvoyTown) -> None:
    """A few hundred are under way at most, and draining waits for them."""
    v1, v2 = await pair(envoy)
    v2.fate = "hanging"
    await envoy.serve(mirrored(envoy, v1.endpoint, v2.endpoint, replace(ALL, per_s=100_000.0)))

    for _ in range(40):
        await asyncio.gather(*(envoy.send() for _ in range(10)))

    assert await envoy.router.in_flight("notes", version="v1") == 0
    assert 0 < await envoy.router.in_flight("notes", instance="two") <= 128
    v2.ends.set()
    await until(lambda: idle(envoy))


async def idle(envoy: EnvoyTown) -> bool:
    return await envoy.router.in_flight("notes", version="v2") == 0


@pytest.mark.timeout(60)
async def test_mirrors_come_and_go_under_load_beside_streams(envoy: EnvoyTown) -> None:
    """No listener that clients use changes: their streams stay; each time copies come again."""
    v1, v2 = await pair(envoy)
    plain = mirrored(envoy, v1.endpoint, v2.endpoint, None)
    await envoy.serve(plain)
    streams = [await envoy.open() for _ in range(3)]

    async with load(envoy.local) as seen:
        for number in range(8):
            v2.seen.clear()
            await envoy.serve(replace(plain, mirror=replace(ALL, sample=10.0 * (number + 1), methods=("GET",))))
            await until(lambda: has(v2, "/"))
            await envoy.serve(plain)
            await seen.more()

    for stream in streams:
        await stream.finish()
    assert seen.failures == []
    assert set(seen.statuses) == {200}


async def test_grpc_calls_are_copied_when_post_is_listed(envoy: EnvoyTown) -> None:
    """With their statuses, which come in trailers."""
    since = time.time()
    async with grpc_server("one") as (_, first), grpc_server("two") as (_, second):
        upstream = bare(envoy, "grpc", v1=first, v2=second)
        backends = (upstream.backends[0], replace(upstream.backends[1], share=0))
        await envoy.serve(replace(upstream, backends=backends, mirror=replace(ALL, methods=("POST",))))
        async with grpc.aio.insecure_channel(f"{LOOPBACK}:{envoy.local_port}") as channel:
            assert await unary(channel, "/numbers/Who") == b"one"
            with pytest.raises(grpc.aio.AioRpcError):
                await unary(channel, "/numbers/Fail")

        copies, requests = await answers_of(envoy, since, 2, 2)
    assert sorted(one.failed for one in copies) == sorted(one.failed for one in requests) == [False, True]


def test_no_listener_that_clients_use_changes_with_a_mirror_or_with_stickiness() -> None:
    """A changed one drains its connections."""
    v1, v2 = Endpoint("one", LOOPBACK, 1), Endpoint("two", LOOPBACK, 2)
    upstream = Upstream("notes", "http", "http", 3, (Backend("v1", 100, (v1,)), Backend("v2", 0, (v2,))))
    entrances = (Entrance(LOOPBACK, 4),)
    before = config(Routing(entrances, (upstream,)), Path("/x")).listeners
    changed = replace(upstream, mirror=ALL, sticky=Sticky("cookie", "town"))

    after = config(Routing(entrances, (changed,)), Path("/x")).listeners

    assert {name: one for name, one in after.items() if name in before} == before
    assert after.keys() - before.keys() == {"shadow|notes.http"}


async def test_upstreams_are_offered_on_every_local_address(envoy: EnvoyTown) -> None:
    """And another address joins or leaves without a stream being cut."""
    upstream = envoy.upstream(v1=(1, (await envoy.endpoint("v1", "one"),)))
    await envoy.serve(upstream)
    stream = await envoy.open()

    await envoy.serve(Routing(upstreams=(upstream,), local_addresses=(LOOPBACK, "127.0.0.2")))
    elsewhere = f"http://127.0.0.2:{envoy.local_port}/"
    assert (await envoy.ask("GET", elsewhere))[1]["version"] == "v1"
    assert (await envoy.send()).version == "v1"
    await envoy.serve(upstream)

    await stream.finish()
    assert (await envoy.send()).version == "v1"
