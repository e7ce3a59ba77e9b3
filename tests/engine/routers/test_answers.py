"""The access log read as answers: what is told of each request, and what is passed over."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest

from fairlead.engine.router import Answer, Endpoint, RateLimit, Router, Routing, TrafficPolicy
from fairlead.engine.routers.answers import answers, parse
from fairlead.engine.runtime import LogLine
from fairlead.errors import RuntimeFailure
from fairlead.kit.clock import FakeClock

from .conftest import EnvoyTown
from .replicas import LOOPBACK
from .test_wire import bare, grpc_server, tcp_server, unary

LINE = {
    "time": "2025-11-21T15:05:05.065777Z", "protocol": "HTTP/1.1", "method": "GET", "path": "/a", "status": 200,
    "grpc_status": None, "flags": "-", "upstream": "notes|v2|http", "instance": "notes-v2-1", "duration_ms": 40,
    "first_byte_ms": 12, "unit": None,
}  # fmt: skip
BEGAN = 1763737505.065777


def line(**changed: Any) -> str:
    return json.dumps({**LINE, **changed})


def test_a_line_tells_who_answered_when_and_how_fast() -> None:
    """To the microsecond, as far as it began."""
    plain = Answer("notes", "v2", "notes-v2-1", BEGAN, 40.0, 12.0, 200, failed=False, method="GET")
    assert parse(line()) == plain
    assert parse(line(unit="ab12")) == replace(plain, unit="ab12")
    assert parse(line(mirrored=True)) == replace(plain, mirrored=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 500},
        {"status": 503, "flags": "UC"},
        {"status": 200, "flags": "UC"},
        {"status": 200, "flags": "UR"},
        {"status": 504, "flags": "UT"},
        {"status": 503, "flags": "UF,URX", "instance": None},
        {"status": 503, "flags": "UH", "instance": None},
        {"status": 200, "flags": "SI"},
        {"status": 200, "grpc_status": 13},
        {"status": 200, "grpc_status": 4},
        {"status": 0, "flags": "-"},
        {"status": 500, "flags": "DC"},
    ],
    ids=str,
)
def test_what_the_version_did_not_do_well_has_failed(changed: dict[str, Any]) -> None:
    """A failing status, a connection it broke, and no instance of it there to answer."""
    answer = parse(line(**changed))
    assert answer
    assert answer.failed


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 404},
        {"status": 429},
        {"status": 200, "grpc_status": 5},
        {"status": 200, "flags": "DC"},
        {"status": 0, "flags": "DC", "first_byte_ms": None},
        {"status": 0, "flags": "DR"},
        {"status": 400, "flags": "DPE"},
        {"status": 408, "flags": "SI"},
    ],
    ids=str,
)
def test_what_the_client_did_is_not_the_versions_failure(changed: dict[str, Any]) -> None:
    """It asked for what is not there, gave up, or never finished its request."""
    answer = parse(line(**changed))
    assert answer
    assert not answer.failed


@pytest.mark.parametrize(
    "text",
    [
        line(status=429, flags="RL", instance=None),
        line(status=413, instance=None),
        line(status=0, flags="DC", instance=None),
        line(status=101),
        line(upstream=None),
        line(upstream="nowhere"),
        line(upstream="shadow|notes.http"),
        line(time="yesterday"),
        line(flags=None),
        line(status="200"),
        line()[:100],
        line()[100:],
        "[]",
        "7",
        "",
        "[fairlead] 12 lines were dropped: no space left on device",
    ],
)
def test_what_is_not_about_an_answer_is_passed_over(text: str) -> None:
    """Upgraded connections, what the router itself turned down, and lines that are damaged."""
    assert parse(text) is None


class Logs:
    """A runtime whose log ends, breaks and comes back."""

    def __init__(self, *scripts: list[LogLine | Exception]) -> None:
        self.scripts = list(scripts)
        self.asked: list[float | None] = []

    async def logs(self, instance: str, *, since: float | None, follow: bool) -> AsyncIterator[LogLine]:
        self.asked.append(since)
        for one in self.scripts.pop(0) if self.scripts else []:
            if isinstance(one, Exception):
                raise one
            yield one


async def told(logs: Any, since: float, count: int) -> list[Answer]:
    """The first answers, in a time that flies."""
    clock, found = FakeClock(), []

    async def listen() -> None:
        async for answer in answers(logs, clock, since):
            found.append(answer)
            if len(found) == count:
                return

    listening = asyncio.create_task(listen())
    while not listening.done():
        await clock.advance(1.0)
    await listening
    return found


async def test_a_log_that_ends_or_breaks_is_read_on_where_it_ended() -> None:
    """The router is started again, the engine of the containers too."""
    logs = Logs(
        [LogLine(10.0, "out", line(status=201)), LogLine(11.0, "out", line()[:50]), LogLine(12.0, "err", line())],
        [RuntimeFailure("no answer")],
        [LogLine(13.0, "out", line(status=202))],
    )

    assert [one.status for one in await told(logs, 5.0, 2)] == [201, 202]
    assert logs.asked == [5.0, 12.0, 12.0]


async def test_what_ended_before_is_not_told() -> None:
    """A line is written up to half a second after what it tells of."""
    since = BEGAN + 0.100
    logs = Logs([LogLine(since + 0.1, "out", line(duration_ms=ms, status=ms)) for ms in (40, 98, 150)])

    assert [one.status for one in await told(logs, since, 1)] == [150]


# with Envoy


async def heard(router: Router, since: float, count: int) -> list[Answer]:
    found = []
    async for answer in router.answers(since):
        found.append(answer)
        if len(found) == count:
            break
    return sorted(found, key=lambda one: one.began)


async def test_what_envoy_writes_is_told_as_it_was(envoy: EnvoyTown) -> None:
    """A version's own failures, a broken connection, a client that gives up; neither a WebSocket nor a 429."""
    since = time.time()
    one = await envoy.replica("v1", "one")
    policy = TrafficPolicy(retry_on="never", rate_limit=RateLimit(5, 600.0))
    await envoy.serve(replace(envoy.upstream(v1=(1, (one.endpoint,))), policy=policy))
    async with envoy.client.ws_connect(f"{envoy.local}/ws") as socket:
        await socket.close()

    for path in ("/", "/status/502", "/cut"):
        await envoy.ask("GET", envoy.local + path)
    with pytest.raises(TimeoutError):
        await envoy.client.get(f"{envoy.local}/hang", timeout=aiohttp.ClientTimeout(total=0.2))
    assert (await envoy.ask("GET", envoy.local))[0].status == 429
    await envoy.serve(envoy.upstream(v1=(1, (one.endpoint,))))
    await envoy.ask("GET", f"{envoy.local}/last")

    found = await heard(envoy.router, since, 5)
    assert [(one.status, one.failed) for one in found] == [
        (200, False),
        (502, True),
        (503, True),
        (0, False),
        (200, False),
    ]
    assert {(one.service, one.version, one.instance, one.mirrored) for one in found} == {("notes", "v1", "one", False)}
    assert [one.first_byte_ms is not None for one in found] == [True, True, False, False, True]
    assert since < found[0].began < found[-1].began < time.time()
    assert found[3].duration_ms >= 150


async def test_a_version_that_nobody_reaches_has_failed(envoy: EnvoyTown) -> None:
    """Though no instance took the request."""
    since = time.time()
    await envoy.serve(envoy.upstream(v1=(1, (Endpoint("gone", LOOPBACK, 9),))))

    assert (await envoy.ask("GET", envoy.local))[0].status == 503

    (answer,) = await heard(envoy.router, since, 1)
    assert (answer.version, answer.failed, answer.first_byte_ms) == ("v1", True, None)


async def test_answers_are_told_as_they_come_over_a_restart_of_envoy(envoy: EnvoyTown) -> None:
    """Whoever listens need not care."""
    since = time.time()
    await envoy.serve(Routing(upstreams=(envoy.upstream(v1=(1, (await envoy.endpoint("v1", "one"),))),)))
    told = envoy.router.answers(since)

    await envoy.send()
    assert (await anext(told)).status == 200
    await envoy.kill_router()
    await envoy.router.start()
    await envoy.ask("GET", f"{envoy.local}/status/500")
    assert (await anext(told)).status == 500


async def test_grpc_statuses_are_told(envoy: EnvoyTown) -> None:
    """A failing one comes with 200."""
    since = time.time()
    async with grpc_server("one") as (_, first):
        await envoy.serve(bare(envoy, "grpc", v1=first))
        async with grpc.aio.insecure_channel(f"{LOOPBACK}:{envoy.local_port}") as channel:
            await unary(channel, "/numbers/Who")
            with pytest.raises(grpc.aio.AioRpcError):
                await unary(channel, "/numbers/Fail")

    assert [(one.status, one.failed) for one in await heard(envoy.router, since, 2)] == [(200, False), (200, True)]


async def test_a_tcp_connection_is_answered_when_it_is_made(envoy: EnvoyTown) -> None:
    """How long it is used afterwards is no latency."""
    since = time.time()
    async with tcp_server("one") as one:
        await envoy.serve(bare(envoy, "tcp", v1=one))
        reader, writer = await asyncio.open_connection(LOOPBACK, envoy.local_port)
        await reader.readline()
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            writer.write(b"hello\n")
            await reader.readline()
        writer.close()

    (answer,) = await heard(envoy.router, since, 1)
    assert (answer.version, answer.instance, answer.failed) == ("v1", "one", False)
    assert answer.duration_ms < 500
