"""A whole town in memory: the real engine, journal and releases; programs, router and time are twins."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fairlead.daemon.bringing import Bringing
from fairlead.daemon.claims import Claims
from fairlead.daemon.records import History
from fairlead.daemon.releasing import Releasing
from fairlead.engine import ports
from fairlead.engine.engine import Engine
from fairlead.engine.journal import Journal
from fairlead.engine.probes import Prober, Target
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.engine.routers.remembered import Request
from fairlead.engine.runtimes.memory import MemoryRuntime, Program
from fairlead.kit.clock import FakeClock
from fairlead.release.history import Release
from fairlead.stack.model.network import Probe

T = TypeVar("T")

STACK = """
name: town
router: {http: 8080}
services:
  notes:
    command: sh notes
    ports: {http: 80}
    scale: 2
    environment: {GREETING: hello}
    release: {strategy: blue-green, watch: 5s, keep_warm: 1m, drain: 10s, ready_within: 20s}
  web:
    command: sh web
    ports: {http: 80}
    needs: [notes]
    expose: [{path: /}]
    release: {strategy: rolling, watch: 1s, keep_warm: 0s}
"""


class Answers(Prober):
    """Every instance answers well, but those of a version that is said to be sick."""

    def __init__(self) -> None:
        super().__init__()
        self.sick: set[str] = set()

    async def ask(self, probe: Probe | None, target: Target) -> str | None:
        greeting = str(target.service.environment.get("GREETING"))
        return "not well" if greeting in self.sick else None


@dataclass
class Crowd:
    """People who use the services, so many times a second, and what they get; the same in every run."""

    services: tuple[str, ...] = ("notes",)
    per_s: int = 40
    fails: dict[str, float] = field(default_factory=dict)
    """Version -> part of its requests that fails; one that is not there fails in 2 % of them."""

    latency_ms: dict[str, float] = field(default_factory=dict)
    """Version -> how long its answers take on average; one that is not there takes 20 ms."""

    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def use(self, router: MemoryRouter) -> None:
        """One second of it."""
        for service in self.services:
            for _ in range(self.per_s):
                request = router.open(f"{service}.http")
                for one in filter(None, (request, request.copy)):
                    self._answered(one)

    def _answered(self, request: Request) -> None:
        version = request.version or ""
        mean = self.latency_ms.get(version, 20.0)
        failed = self.chance.random() < self.fails.get(version, 0.02)
        request.finish(500 if failed else 200, latency_ms=round(self.chance.expovariate(1 / mean), 1))


class Town:
    """The stack above and what tests do to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.lease(set())  # the entrance is the one thing here that is real
        self.file = folder / "fairlead.yaml"
        self.file.write_text(STACK.replace("8080", str(self.port)))
        self.clock = FakeClock()
        self.runtime = MemoryRuntime(self.clock)
        self.router = MemoryRouter(self.clock)
        self.prober = Answers()
        self.crowd = Crowd()
        self.said: list[str] = []
        self._heard = asyncio.Event()
        self.start_engine()

    def start_engine(self) -> None:
        """Put the engine together over whatever the journal says."""
        journal = Journal(self.folder / "journal.db")
        self.engine = Engine(self.folder, journal, self.runtime, self.router, self.clock, self.say)
        self.engine.fleet.prober = self.prober
        claims = Claims()
        self.releasing = Releasing(self.engine, History(journal), claims)
        self.bringing = Bringing(self.engine, self.releasing, claims)

    async def loses_its_engine(self) -> None:
        """The engine is gone without a word; programs and router go on; a new one adopts them."""
        await self.engine.leasing.end()
        await self.engine.fleet.let_go()
        await self.engine.switchboard.end()
        self.start_engine()
        await self.does(self.engine.open({}))
        await self.does(self.releasing.resume(self.say))

    async def is_without_engine(self) -> None:
        """Nothing of it is left; programs and router go on."""
        await self.engine.fleet.let_go()
        await self.engine.leasing.end()
        await self.engine.switchboard.end()

    def say(self, level: str, subject: str, text: str) -> None:
        self.said.append(text)
        self._heard.set()

    async def hears(self, words: str) -> None:
        """Let time go by until that has been said."""
        while words not in self.said:
            self._heard.clear()
            await self.clock.advance(0.05)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), 0.001)

    async def does(self, work: Coroutine[Any, Any, T]) -> T:
        """Let time go by until that is done."""
        task = asyncio.create_task(work)
        while not task.done():
            await self.clock.advance(0.05)
            await asyncio.sleep(0.0005)
        return await task

    async def is_used(self, seconds: float) -> None:
        """Let that much time go by, with people about."""
        for _ in range(int(seconds)):
            await self._second()

    async def sees(self, work: Coroutine[Any, Any, T], within_s: float = 3600.0) -> T:
        """Let time go by until that is done, with people about."""
        task = asyncio.create_task(work)
        end = self.clock.monotonic() + within_s
        while not task.done() and self.clock.monotonic() < end:
            await self._second()
            await asyncio.sleep(0.0005)
        assert task.done(), f"not done within {within_s:g} s; it says: {self.said[-3:]}"
        return await task

    async def _second(self) -> None:
        if await self.router.alive():
            self.crowd.use(self.router)
        await self.clock.advance(1.0)

    async def waits(self, seconds: float) -> None:
        for _ in range(int(seconds / 0.25)):
            await self.clock.advance(0.25)

    async def comes_up(self, **asked: Any) -> dict[str, Any]:
        return await self.does(self.bringing.up({"file": str(self.file), "who": "alice", **asked}, self.say))

    async def deploys(self, service: str, **asked: Any) -> dict[str, Any]:
        body = {"file": str(self.file), "who": "alice", "service": service, **asked}
        return await self.does(self.releasing.deploy(body, self.say))

    async def rolls_back(self, service: str, to: str | None = None) -> dict[str, Any]:
        return await self.does(self.releasing.rollback({"service": service, "to": to, "who": "bob"}, self.say))

    def serves(self, service: str) -> set[str | None]:
        """The versions that answer thirty requests."""
        return {self.router.send(f"{service}.http").finish().version for _ in range(30)}

    def newest(self, service: str) -> Release:
        return self.releasing.history.of(service, 1)[0]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    town.runtime.program("sh", Program())
    await town.does(town.engine.open({}))
    yield town
    await town.engine.close()
    await town.prober.close()
