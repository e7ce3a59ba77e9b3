"""Stores that can be taken away: a Redis of this test's own, and a way to PostgreSQL that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from tests.apps.hub.accounts.conftest import postgres_server, postgres_url, redis_server

__all__ = ["postgres_server", "postgres_url", "redis_server"]


@dataclass
class Way:
    """To a server, over a port of its own. While it is cut, whoever comes is refused."""

    to: int
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Let through."""
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Everything that is open ends at once."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        for source, sink in ((reader, back), (there, writer)):
            self._writers.add(sink)
            task = asyncio.create_task(self._copied(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copied(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            return
        finally:
            sink.close()
            self._writers.discard(sink)


@pytest.fixture
async def postgres_way(postgres_url: str) -> AsyncIterator[tuple[Way, str]]:
    """A way to a database of this test, and its URL by that way."""
    parts = urlsplit(postgres_url)
    assert parts.port is not None
    way = Way(parts.port)
    await way.open()
    yield way, parts._replace(netloc=f"hub@127.0.0.1:{way.port}").geturl()
    await way.cut()
