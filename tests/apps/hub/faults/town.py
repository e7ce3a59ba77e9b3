"""A whole hub in this process, clients of two protocols, and all that must be as before when they are gone."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.apps.hub.wire.sockets import Client, until

from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.state import Hub

MODEL = "gpt-4o-mini"
INPUT_NANO, OUTPUT_NANO = 150, 600
"""Of a token: 0.15 and 0.60 USD for a million (OpenAI's page of prices)."""

PATHS = {"openai": b"/v1/chat/completions", "anthropic": b"/v1/messages"}


@dataclass(frozen=True, slots=True)
class Told:
    """All that a client got."""

    protocol: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """Of an answer that is none, or of the last event of a stream that broke."""
        said = json.loads(self.body if self.status != 200 else self.events[-1])
        assert isinstance(said["error"], dict)
        assert self.protocol == "openai" or said["type"] == "error"
        found: dict[str, Any] = said["error"]
        return found

    @property
    def events(self) -> list[bytes]:
        """The data of each."""
        return [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]

    @property
    def is_cut(self) -> bool:
        """Whether a stream ended with an error, in the client's protocol."""
        return bool(self.events) and b'"error"' in self.events[-1]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return isinstance(json.loads(self.body), dict)
        end = b"[DONE]" if self.protocol == "openai" else b'"type":"message_stop"'
        return bool(self.events) and end in self.events[-1]


@dataclass(slots=True)
class Town:
    """A hub and its port."""

    hub: Hub
    port: int
    folder: Path
    environ: dict[str, str]

    async def asks(self, model: str, *, protocol: str = "openai", stream: bool = False, **headers: str) -> Told:
        """One call over a connection of its own."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        client.send(request(model, protocol, stream, **headers))
        try:
            told = await client.rest()
        finally:
            client.vanish()
        head, _, body = told.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        whole = unchunked(body) if "transfer-encoding" in headers else body
        return Told(protocol, int(first.split()[1]), headers, whole)

    def says(self, said: Mapping[str, Any]) -> None:
        """Another configuration, for the next reload."""
        self.environ[VARIABLE] = told_as(said)

    async def ledger(self) -> list[dict[str, Any]]:
        """All rows, once everything is written."""
        await until(lambda: not self.hub.office.health.backlog_bytes)
        with sqlite3.connect(self.folder / "hub.db") as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute("SELECT * FROM hub_ledger ORDER BY started")]
        database.close()
        return rows

    async def row_of(self, model: str) -> dict[str, Any]:
        """The one row of a model that was asked once."""
        (row,) = [row for row in await self.ledger() if row["model"] == model]
        return row

    async def is_quiet(self) -> None:
        """Nothing is under way, and every connection to a provider waits for the next request."""
        await until(lambda: not self.hub.clients.connected)
        assert not self.hub.desk.flights
        assert self.hub.office.accounts.under_way == 0
        for pool in self.hub.standing.pools():
            assert pool.open == pool.idle
        for routes in self.hub.table.routes.values():
            for target in (one for route in routes for one in (*route.targets, *route.fallbacks)):
                assert target.pace.under_way == 0


@asynccontextmanager
async def running(folder: Path, said: Mapping[str, Any], **more: Any) -> AsyncIterator[Town]:
    """A hub with this configuration; at the end not a socket may be left of it."""
    before = sockets()
    environ = {"OPENAI_API_KEY": "made-up", VARIABLE: told_as(said)}
    hub = Hub(Source(environ=environ), folder, **more)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0, backlog=2000)
    town = Town(hub, server.sockets[0].getsockname()[1], folder, environ)
    try:
        yield town
    finally:
        server.close()
        hub.clients.close()
        hub.clients.abort()
        await hub.clients.emptied.wait()
        await hub.end()
        for pool in hub.standing.pools():
            await until(lambda pool=pool: pool.open == 0)  # type: ignore[misc]  # mypy can't infer a lambda with defaults
    await until(lambda: sockets() <= before)


def told_as(said: Mapping[str, Any]) -> str:
    """A configuration as the variable has it; open, and without a cache, unless it says so."""
    return json.dumps({"open": True, "cache": "off"} | dict(said))


def sockets() -> int:
    """Open ones of this process."""
    count = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            count += str(one.readlink()).startswith("socket:")
    return count


def request(model: str, protocol: str = "openai", stream: bool = False, **headers: str) -> bytes:
    """A call of a few words."""
    said = {"model": model, "max_tokens": 50, "messages": [{"role": "user", "content": "hello there"}]}
    body = json.dumps(said | ({"stream": True} if stream else {}), separators=(",", ":")).encode()
    head = b"POST %b HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\nconnection: close\r\n" % PATHS[protocol]
    head += b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def unchunked(data: bytes) -> bytes:
    """A body that came in chunks. Raises `ValueError` when its end is missing."""
    found = b""
    while data:
        size, mark, rest = data.partition(b"\r\n")
        if not mark:
            break
        length = int(size, 16)
        if not length:
            return found
        found, data = found + rest[:length], rest[length + 2 :]
    raise ValueError("the last chunk is missing")
