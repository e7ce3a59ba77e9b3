"""Requests, event streams and WebSockets keep going while everything behind the router changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import aiohttp
import pytest

from fairlead.engine.router import Endpoint, Entrance, HealthCheck, Routing, TrafficPolicy

from .conftest import EnvoyTown, until
from .replicas import LOOPBACK, free_port, process

pytestmark = [pytest.mark.story, pytest.mark.timeout(120)]


@dataclass
class Load:
    """Clients that ask all the time, and what came of it."""

    url: str
    statuses: Counter[int | str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.statuses.total()

    async def ask(self, *, keep_alive: bool) -> None:
        """One client; `keep_alive` tells whether it uses one connection for all."""
        connector = aiohttp.TCPConnector(force_close=not keep_alive)
        async with aiohttp.ClientSession(connector=connector) as client:
            while True:
                try:
                    async with client.get(self.url) as answer:
                        await answer.read()
                        self.statuses[answer.status] += 1
                except aiohttp.ClientError as error:
                    self.statuses["error"] += 1
                    self.failures.append(repr(error))
                await asyncio.sleep(0.005)

    async def more(self, requests: int = 20) -> None:
        """Wait until so many more have been answered."""
        goal = self.answered + requests

        async def reached() -> bool:
            return self.answered >= goal

        await until(reached)


@contextlib.asynccontextmanager
async def load(url: str) -> AsyncIterator[Load]:
    found = Load(url)
    clients = [asyncio.create_task(found.ask(keep_alive=number % 2 == 0)) for number in range(4)]
    try:
        yield found
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def test_thirty_shifts_and_replaced_instances_lose_nothing(envoy: EnvoyTown) -> None:
    """Weights move and an instance is replaced each time, with streams and WebSockets open: nothing is cut."""
    stable = await envoy.replica("v1", "v1-0")
    current = await envoy.replica("v2", "v2-0")
    steady = envoy.upstream(v1=(50, (stable.endpoint,)), v2=(50, (current.endpoint,)))
    entrances, rules = (Entrance(LOOPBACK, envoy.public_port),), (envoy.rule(),)
    await envoy.serve(Routing(entrances, (steady,), rules))
    streams = [await envoy.open() for _ in range(6)]
    sockets = [await envoy.client.ws_connect(f"{envoy.public}/ws") for _ in range(6)]

    async with load(envoy.public) as seen:
        for number in range(1, 31):
            fresh = await envoy.replica("v2", f"v2-{number}")
            leaving = replace(current.endpoint, draining=True)
            share = (number * 37) % 101
            upstream = envoy.upstream(v1=(100 - share, (stable.endpoint,)), v2=(share, (fresh.endpoint, leaving)))
            await envoy.serve(Routing(entrances, (upstream,), rules))
            await seen.more()
            current = fresh

    for socket in sockets:
        await socket.send_str("still there")
        assert (await socket.receive_str()).endswith("still there")
        await socket.close()
    for stream in streams:
        await stream.finish()
    assert seen.failures == []
    assert set(seen.statuses) == {200}


async def test_instances_may_end_as_soon_as_the_router_has_nothing_under_way_there(envoy: EnvoyTown) -> None:
    """Start, route, drain, wait for zero, stop: ten times over, and nobody notices."""
    current = await envoy.replica("v1", "v1-0")
    await envoy.serve(envoy.upstream(v1=(100, (current.endpoint,))))

    async with load(envoy.local) as seen:
        for number in range(1, 11):
            fresh = await envoy.replica("v1", f"v1-{number}")
            leaving = replace(current.endpoint, draining=True)
            await envoy.serve(envoy.upstream(v1=(100, (fresh.endpoint, leaving))))
            await idle(envoy, current.instance)
            await current.stop()
            await envoy.serve(envoy.upstream(v1=(100, (fresh.endpoint,))))
            await seen.more()
            current = fresh

    assert seen.failures == []
    assert set(seen.statuses) == {200}


async def idle(envoy: EnvoyTown, instance: str) -> None:
    async def zero() -> bool:
        return await envoy.router.in_flight("notes", instance=instance) == 0

    await until(zero)


async def test_versions_and_listeners_come_and_go_beside_open_streams(envoy: EnvoyTown) -> None:
    """New siblings, changed policies, another service and its end: the streams of the first are not touched."""
    one = await envoy.replica("v1", "one")
    two = await envoy.replica("v2", "two")
    notes = envoy.upstream(v1=(100, (one.endpoint,)))
    await envoy.serve(notes)
    streams = [await envoy.open() for _ in range(3)]
    with_sibling = envoy.upstream(v1=(1, (one.endpoint,)), v2=(99, (two.endpoint,)))
    stricter = replace(notes, policy=replace(notes.policy, health=replace(notes.policy.health, path="/ready")))
    other = replace(with_sibling, service="other", local_port=free_port())

    async with load(envoy.local) as seen:
        for upstreams in ((with_sibling,), (stricter,), (notes, other), (with_sibling,), (stricter,)):
            await envoy.serve(Routing((), upstreams))
            await seen.more()

    for stream in streams:
        await stream.finish()
    assert seen.failures == []
    assert set(seen.statuses) == {200}


async def test_a_killed_replica_costs_no_request_that_had_no_answer_yet(envoy: EnvoyTown) -> None:
    """Five times, one of two is killed with -9 under load, and comes back on the same port."""
    ports = {"one": free_port(), "two": free_port()}
    endpoints = tuple(Endpoint(name, LOOPBACK, port) for name, port in ports.items())

    async with process("v1", "two", ports["two"]):
        soon = TrafficPolicy(health=HealthCheck(interval_s=0.2))
        await envoy.serve(replace(envoy.upstream(v1=(100, endpoints)), policy=soon))
        async with load(envoy.local) as seen:
            for _ in range(5):
                async with process("v1", "one", ports["one"]) as victim:
                    await both_healthy(envoy)
                    await seen.more(40)
                    victim.kill()
                    await victim.wait()
                    await seen.more(60)

    assert seen.failures == []
    assert set(seen.statuses) == {200}


async def both_healthy(envoy: EnvoyTown) -> None:
    async def both() -> bool:
        return await envoy.router.healthy("notes.http", "v1") == {"one", "two"}

    await until(both)
