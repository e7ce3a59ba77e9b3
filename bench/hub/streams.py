"""Streams: many open at once, each chunk seen as it comes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from bench.hub.gateways import Gateway
from bench.hub.load import request


@dataclass(slots=True)
class Streams:
    """What they got."""

    whole: int = 0
    chunks: int = 0
    reads: int = 0
    """How often some came: as many as chunks, when they are passed on one by one."""
    firsts: list[float] = field(default_factory=list)
    """Seconds to the first token."""
    cut: int = 0


class Stream(asyncio.Protocol):
    """One after another on one connection."""

    def __init__(self, data: bytes, found: Streams, leave_after: int = 0) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._data = data
        self._found = found
        self._leave_after = leave_after
        self._reads = 0
        self._began = 0.0
        self._first = False
        self._end = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass
        self.ask()

    def ask(self) -> None:
        """One stream."""
        assert self._transport is not None
        self._began, self._first, self._reads, self._end = time.perf_counter(), False, 0, b""
        self._transport.write(self._data)

    def data_received(self, data: bytes) -> None:
        found = self._found
        if not self._first and b"data: " in data:
            self._first = True
            found.firsts.append(time.perf_counter() - self._began)
        self._reads += 1
        found.reads += 1
        found.chunks += data.count(b"data: ")
        self._end = (self._end + data)[-64:]
        if self._leave_after and self._reads >= self._leave_after and self._transport is not None:
            self._transport.abort()
        elif self._end.endswith(b"0\r\n\r\n") or (not self._first and is_error(data)):
            found.whole += b"[DONE]" in self._end
            self.over.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self._found.cut += 1
            self.over.set_result(None)

    def close(self) -> None:
        """No more."""
        if self._transport is not None:
            self._transport.close()

    def vanish(self) -> None:
        """No more, without a word."""
        if self._transport is not None:
            self._transport.abort()


def is_error(data: bytes) -> bool:
    """Whether an answer that begins so is no stream."""
    return data.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))


async def at_once(gateway: Gateway, count: int, *, leave_after: int = 0, model: str | None = None) -> Streams:
    """So many streams, all open at the same time; with `leave_after`, clients that vanish after so many reads."""
    loop, found, data = asyncio.get_running_loop(), Streams(), request(gateway, stream=True, model=model)
    made = []
    for _ in range(count):
        _, one = await loop.create_connection(lambda: Stream(data, found, leave_after), "127.0.0.1", gateway.port)
        made.append(one)
    await asyncio.gather(*(one.over for one in made))
    for one in made:
        one.close()
    return found


async def left_alone(gateway: Gateway, count: int, model: str, after_s: float) -> Streams:
    """Streams of a model that says nothing, or no more; every second client leaves after a while, the others wait."""
    loop, found, data = asyncio.get_running_loop(), Streams(), request(gateway, stream=True, model=model)
    made = []
    for _ in range(count):
        _, one = await loop.create_connection(lambda: Stream(data, found), "127.0.0.1", gateway.port)
        made.append(one)
    await asyncio.sleep(after_s)
    for one in made[::2]:
        one.vanish()
    await asyncio.gather(*(one.over for one in made))
    for one in made:
        one.close()
    return found


async def one_by_one(gateway: Gateway, count: int) -> Streams:
    """Nothing beside: what is added to the first token."""
    found, data = Streams(), request(gateway, stream=True)
    loop = asyncio.get_running_loop()
    _, one = await loop.create_connection(lambda: Stream(data, found), "127.0.0.1", gateway.port)
    for _ in range(count - 1):
        await one.over
        if found.cut:
            break
        one.over = loop.create_future()
        one.ask()
    await one.over
    one.close()
    return found
