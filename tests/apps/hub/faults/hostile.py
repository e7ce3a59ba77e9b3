"""A provider that does everything a provider should not: raw bytes and ends of connections, as a script says."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.apps.hub.serving.fakes import ANSWER, DONE, FINISH, ROLE, USAGE, word


class Then(Enum):
    """What a script can do beside writing bytes."""

    HANG = auto()
    """Nothing more, until the other side has gone."""
    CLOSE = auto()
    RESET = auto()
    FOR_EVER = auto()
    """The bytes before it again and again, until the other side has gone."""


Script = Sequence[bytes | Then | float | asyncio.Event]
"""What is done about one request: bytes are written, seconds and events are waited for; at its end the connection waits
for the next."""

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """As it is sent."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(body: bytes = ANSWER, head: bytes = HEAD) -> bytes:
    """An answer with its length."""
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def error(status: bytes, *lines: bytes) -> bytes:
    """A proper error of OpenAI's form."""
    body = b'{"error":{"message":"so it is","type":"made_up","param":null,"code":null}}'
    return whole(body, b"\r\n".join([b"HTTP/1.1 " + status, b"content-type: application/json", *lines, b""]))


WELL_WHOLE: Script = (whole(),)
WELL_STREAM: Script = (STREAM, *(chunk(one) for one in (ROLE, word("a"), word("b"), FINISH, USAGE, DONE)), LAST)


@dataclass
class Hostile:
    """Does as told, once for each request."""

    whole: Script = WELL_WHOLE
    stream: Script = WELL_STREAM
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    """Whole requests."""
    open: int = 0
    """Connections."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length))
            self.asked.append(head + body)
            if await self._done(self.stream if b'"stream":true' in body else self.whole, reader, writer):
                return

    async def _done(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection is over."""
        before = b""
        for step in script:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
                before = step
            elif isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif step is Then.FOR_EVER:
                await self._again(before, writer)
            else:
                if step is Then.HANG:
                    await reader.read()
                if step is Then.RESET:
                    one = writer.get_extra_info("socket")
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.close()
                return True
        return False

    @staticmethod
    async def _again(data: bytes, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0.001)


@asynccontextmanager
async def listening(made: Hostile) -> AsyncIterator[Hostile]:
    """For a while; a connection that its script leaves open ends with a reset."""
    tasks: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(_connected(made, tasks), "127.0.0.1", 0, backlog=2000)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _connected(
    made: Hostile, tasks: set[asyncio.Task[None]]
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        made.open += 1
        try:
            await made.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, RuntimeError):  # uvloop's for a closed transport
            return
        finally:
            made.open -= 1
            tasks.discard(task)
            if not writer.transport.is_closing():
                writer.transport.abort()

    return connected
