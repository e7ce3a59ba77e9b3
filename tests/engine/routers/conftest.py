"""Two towns with the same streets: one behind a real Envoy with real servers, one behind the router in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from fairlead.engine.router import Backend, Endpoint, HeaderRules, Router, Routing, Rule, TrafficPolicy, Upstream
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.engine.routers.program import INSTANCE
from fairlead.engine.routers.remembered import Request as MemoryRequest
from fairlead.engine.runtime import StopPolicy
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.kit.clock import SystemClock

from .replicas import LOOPBACK, Replica, free_port

Backends = dict[str, tuple[float, tuple[Endpoint, ...]]]


@dataclass(frozen=True)
class Answer:
    """What a client got, and from whom."""

    status: int
    version: str | None
    instance: str | None


class Open(Protocol):
    """A request under way."""

    instance: str | None

    async def finish(self) -> None: ...


class Town(Protocol):
    """A router with a service `notes` behind it."""

    router: Router

    async def endpoint(self, version: str, instance: str) -> Endpoint: ...
    async def send(self, *, host: str | None = None, path: str = "/") -> Answer: ...
    async def open(self) -> Open: ...
    async def kill_router(self) -> None: ...
    def upstream(self, **backends: tuple[float, tuple[Endpoint, ...]]) -> Upstream: ...
    async def serve(self, routing: Routing | Upstream) -> str: ...
    def refused(self, routing: Routing) -> Routing: ...
    def now(self) -> float: ...
    def unreachable(self, instance: str) -> Endpoint: ...


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds; the test's own time limit is the end of patience."""
    while not await true():  # noqa: ASYNC110 -- another process makes it true, no event of ours
        await asyncio.sleep(0.005)


@dataclass
class _Streets:
    router: Router
    local_port: int = field(default_factory=free_port)

    def upstream(self, **backends: tuple[float, tuple[Endpoint, ...]]) -> Upstream:
        found = tuple(Backend(version, *one) for version, one in backends.items())
        return Upstream("notes", "http", "http", self.local_port, found)

    async def serve(self, routing: Routing | Upstream) -> str:
        whole = Routing(upstreams=(routing,)) if isinstance(routing, Upstream) else routing
        revision = await self.router.apply(whole)
        await self.router.confirm(revision)
        return revision

    def now(self) -> float:
        """Seconds since the epoch, by the router's clock."""
        return time.time()


@dataclass
class _MemoryOpen:
    request: MemoryRequest

    @property
    def instance(self) -> str | None:
        return self.request.instance

    @instance.setter
    def instance(self, value: str | None) -> None:
        raise AttributeError("instance")

    async def finish(self) -> None:
        self.request.finish()


@dataclass
class MemoryTown(_Streets):
    """The town in memory."""

    def __post_init__(self) -> None:
        assert isinstance(self.router, MemoryRouter)
        self.memory = self.router

    async def endpoint(self, version: str, instance: str) -> Endpoint:
        return Endpoint(instance, LOOPBACK, 1)

    async def send(self, *, host: str | None = None, path: str = "/") -> Answer:
        sent = self.memory.send(host=host, path=path) if host else self.memory.send("notes.http")
        return Answer(sent.status or 0, sent.version, sent.instance)

    async def open(self) -> Open:
        return _MemoryOpen(self.memory.open("notes.http"))

    async def kill_router(self) -> None:
        self.memory.die()

    def unreachable(self, instance: str) -> Endpoint:
        self.memory.failing.add(instance)
        return Endpoint(instance, LOOPBACK, 1)

    def refused(self, routing: Routing) -> Routing:
        self.memory.refuse("no reason given")
        return routing


@dataclass
class _Stream:
    answer: aiohttp.ClientResponse
    replica: Replica
    instance: str | None

    async def finish(self) -> None:
        self.replica.ends.set()
        text = await self.answer.text()
        assert text.endswith("data: end\n\n")


@dataclass
class EnvoyTown(_Streets):
    """The real town."""

    folder: Path = field(kw_only=True)
    runtime: ProcessRuntime = field(kw_only=True)
    client: aiohttp.ClientSession = field(kw_only=True)
    public_port: int = field(default_factory=free_port)
    replicas: dict[str, Replica] = field(default_factory=dict)

    async def replica(self, version: str, instance: str) -> Replica:
        found = self.replicas[instance] = Replica(version, instance)
        await found.start()
        return found

    async def endpoint(self, version: str, instance: str) -> Endpoint:
        return (await self.replica(version, instance)).endpoint

    @property
    def local(self) -> str:
        return f"http://{LOOPBACK}:{self.local_port}"

    @property
    def public(self) -> str:
        return f"http://{LOOPBACK}:{self.public_port}"

    async def send(self, *, host: str | None = None, path: str = "/") -> Answer:
        base, headers = (self.public, {"host": host}) if host else (self.local, {})
        async with self.client.get(base + path, headers=headers) as answer:
            content = await answer.json()
            return Answer(answer.status, content.get("version"), content.get("instance"))

    async def ask(self, method: str, url: str, **given: Any) -> tuple[aiohttp.ClientResponse, dict[str, Any]]:
        """A request and its JSON answer."""
        async with self.client.request(method, url, **given) as answer:
            return answer, json.loads(await answer.text() or "{}")

    async def open(self) -> _Stream:
        answer = await self.client.get(f"{self.local}/stream")
        line = (await answer.content.readline()).decode()
        await answer.content.readline()
        instance = line.removeprefix("data: ").strip()
        return _Stream(answer, self.replicas[instance], instance)

    def unreachable(self, instance: str) -> Endpoint:
        return Endpoint(instance, LOOPBACK, free_port())

    async def kill_router(self) -> None:
        await self.runtime.stop(INSTANCE, StopPolicy("SIGKILL", 0.0))

    def refused(self, routing: Routing) -> Routing:
        """Envoy does not let anybody set the Host header."""
        policy = TrafficPolicy(headers=HeaderRules(request_set={"Host": "elsewhere"}))
        return replace(routing, upstreams=tuple(replace(one, policy=policy) for one in routing.upstreams))

    def rule(self, path: str = "/", host: str = "*", *, strip: bool = False) -> Rule:
        return Rule(host, path, "notes.http", strip)


@contextlib.asynccontextmanager
async def envoy_town(folder: Path) -> AsyncIterator[EnvoyTown]:
    runtime = ProcessRuntime(folder / "instances")
    router = EnvoyRouter(folder / "router", runtime, clock=SystemClock(), socket_dir=folder)
    async with aiohttp.ClientSession() as client:
        town = EnvoyTown(router, folder=folder, runtime=runtime, client=client)
        try:
            await router.start()
            yield town
        finally:
            await router.stop()
            await router.close()
            await runtime.remove(INSTANCE)
            for replica in town.replicas.values():
                await replica.stop()


@pytest.fixture
async def envoy(tmp_path: Path) -> AsyncIterator[EnvoyTown]:
    """The real town alone."""
    async with envoy_town(tmp_path) as town:
        yield town


@pytest.fixture(params=["envoy", "memory"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """Both, for what every router promises."""
    if request.param == "envoy":
        async with envoy_town(tmp_path) as real:
            yield real
    else:
        router = MemoryRouter(SystemClock())
        await router.start()
        yield MemoryTown(router)
