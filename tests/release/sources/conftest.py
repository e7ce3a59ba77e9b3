"""What the tests of sources share: a router that tells what a test says, and what a source is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar, cast

import pytest

from fairlead.engine.router import Answer, Router, Traffic
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.errors import RouterError
from fairlead.kit.clock import FakeClock
from fairlead.release.sources import Asked
from fairlead.stack.model.release import Canary

T = TypeVar("T")


class Served:
    """An HTTP server of one page, on a free port: what it answers can be changed at any time."""

    def __init__(self) -> None:
        self.text = ""
        self.status = 200
        self.kind = "text/plain; version=0.0.4"
        self.asked: list[str] = []
        """The heads of the requests, as they came."""
        self.hangs = False
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for one in self._answering:
            one.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._answer(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.asked.append(head)
                body = self.answer(head).encode("utf-8", "surrogateescape")
                if self.hangs:
                    await reader.read()
                writer.write(
                    f"HTTP/1.1 {self.status} OK\r\ncontent-type: {self.kind}\r\ncontent-length: {len(body)}\r\n"
                    "connection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def answer(self, head: str) -> str:
        """What is answered to a request with this head."""
        return self.text


@pytest.fixture
async def served() -> AsyncIterator[Callable[[], Awaitable[Served]]]:
    """Starts servers of pages."""
    started: list[Served] = []

    async def start() -> Served:
        started.append(Served())
        await started[-1].start()
        return started[-1]

    yield start
    for one in started:
        await one.stop()


class Telling:
    """The part of a router that a source listens to. What it was told before is its log."""

    def __init__(self, clock: FakeClock) -> None:
        self.log: list[Answer] = []
        self.lives = True
        self.passed: dict[tuple[str, str], Traffic] = {}
        self.words: str | None = None
        self._clock = clock
        self._told: list[asyncio.Queue[Answer | None]] = []

    async def answers(self, since: float) -> AsyncIterator[Answer]:
        """As the seam has it."""
        if self.words:
            raise RouterError(self.words)
        queue: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._told.append(queue)
        for answer in [one for one in self.log if one.began + one.duration_ms / 1000 > since]:
            yield answer
        while (told := await queue.get()) is not None:
            yield told

    async def alive(self) -> bool:
        return self.lives

    async def observe(self) -> dict[tuple[str, str], Traffic]:
        if not self.lives:
            raise RouterError("the router does not answer")
        return self.passed

    def tells(self, *answers: Answer) -> None:
        """Tell these to whoever listens."""
        self.log += answers
        for queue in self._told:
            for answer in answers:
                queue.put_nowait(answer)

    def breaks(self, words: str | None = None) -> None:
        """End what is being told; with words, refuse to tell more."""
        self.words = words
        for queue in self._told:
            queue.put_nowait(None)
        self._told.clear()

    def answer(self, version: str, ms: float = 10.0, **other: Any) -> Answer:
        """One that ends at this moment of the clock, unless `began` says otherwise."""
        given = {
            "began": self._clock.wall() - ms / 1000,
            "instance": f"hub-{version}-0",
            "first_byte_ms": ms / 2,
            "status": 503 if other.get("failed") else 200,
            "failed": False,
            **other,
        }
        return Answer(service="hub", version=version, duration_ms=ms, **given)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is turned by hand."""
    return FakeClock()


@pytest.fixture
def router(clock: FakeClock) -> Telling:
    """A router that tells what the test says."""
    return Telling(clock)


@pytest.fixture
def asked(clock: FakeClock, router: Telling) -> Asked:
    """A canary `v2` of the hub, against `v1`."""
    return asking(clock, router)


def asking(clock: FakeClock, router: Telling | MemoryRouter, **other: Any) -> Asked:
    """What a source is asked about a canary `v2` of the hub, against `v1`."""
    whole = Asked(
        service="hub",
        stable="v1",
        canary="v2",
        policy=Canary.model_validate({"warm_up": "0s"}),
        indicators={},
        router=cast("Router", router),
        clock=clock,
        targets=tuple,
        secret=_no_secret,
    )
    return replace(whole, **other)


def _no_secret(name: str) -> str:
    raise KeyError(name)


async def turning(clock: FakeClock, work: Coroutine[Any, Any, T], step_s: float = 0.1) -> T:
    """What comes of that work, while the clock goes on."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.advance(step_s)
    return task.result()
