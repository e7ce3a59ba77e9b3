"""Clients and providers that write raw bytes: what no proper HTTP library would send has to be sent by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.server import Clients

OK = b"HTTP/1.1 200 OK"
PATIENCE_S = 100.0
"""For whatever has to come: the time limit of a test is shorter, unless it asks for more."""


@dataclass
class Turned:
    """A clock that a test turns by hand."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Served:
    """A server on a free port, what it was asked, and its clock."""

    clients: Clients
    clock: Turned
    port: int = 0
    asked: list[Exchange] = field(default_factory=list)
    made: list[Client] = field(default_factory=list)

    async def connects(self) -> Client:
        """A new client."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.made.append(client)
        return client

    async def sends(self, data: bytes) -> bytes:
        """All that comes back until the server ends the connection."""
        async with asyncio.timeout(PATIENCE_S):
            client = await self.connects()
            client.send(data)
            return await client.rest()

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.clock.ahead += seconds
        self.clients.sweep()


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Bytes, as they are."""
        self.writer.write(data)

    async def head(self) -> bytes:
        """Up to the next empty line."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def answer(self) -> bytes:
        """The body of the next answer with a length."""
        head = await self.head()
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """Until the end, which may be a reset."""
        gathered = b""
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionError):
                while data := await self.reader.read(65536):
                    gathered += data
        self.close()
        return gathered

    def close(self) -> None:
        """Leave."""
        self.writer.close()

    def vanish(self) -> None:
        """Leave at once, without a word."""
        self.writer.transport.abort()


def echoes(exchange: Exchange) -> None:
    """Answers with the body that came."""
    exchange.answer(OK, exchange.body)


@asynccontextmanager
async def serving(serve: Callable[[Exchange], None] = echoes, bounds: Bounds | None = None) -> AsyncIterator[Served]:
    """A server for a while; at its end nobody may be connected any more."""
    clock = Turned()
    asked: list[Exchange] = []

    def noted(exchange: Exchange) -> None:
        asked.append(exchange)
        serve(exchange)

    clients = Clients(noted, clock, bounds or Bounds())
    served = Served(clients, clock, asked=asked)
    server = await asyncio.get_running_loop().create_server(clients.connection, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        clients.close()
        clients.abort()
        async with asyncio.timeout(PATIENCE_S):
            await clients.emptied.wait()
        for client in served.made:
            client.vanish()
        await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens beside."""
    while not true():  # noqa: ASYNC110  # what is waited for happens in the code under test, which sets no event
        await asyncio.sleep(0.002)


def post(body: bytes, *more: bytes) -> bytes:
    """A proper request."""
    lines = [b"POST /v1/chat/completions HTTP/1.1", b"host: hub", b"content-length: %d" % len(body), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
