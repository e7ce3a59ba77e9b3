"""The store is gone, and comes back: keys that are known go on, writes are told to come again."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fairlead.apps.hub.accounts.stores import sqlite

from .conftest import Starts, until


async def test_a_locked_store_refuses_writes_and_no_request(
    starts: Starts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite, held by somebody else."""
    monkeypatch.setattr(sqlite, "WAIT_S", 0.2)
    running = await starts()
    key = await running.makes("bob", limits=[{"requests": "1000/m"}])
    assert (await running.asks(key)).status_code == 200
    with contextlib.closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        told = await running.admin.post("/admin/keys", json={"name": "eve"})
        assert (told.status_code, told.json()["error"]["code"]) == (503, "store_away")
        assert int(told.headers["retry-after"]) > 0
        assert (await running.asks(key)).status_code == 200
        other.execute("ROLLBACK")
    await running.makes("eve")


class Cut:
    """A line to a server, that can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.is_cut = False

    def cut(self) -> None:
        """Nothing goes through any more."""
        self.is_cut = True
        for writer in list(self._open):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self.is_cut:
            writer.transport.abort()
            return
        there, out = await asyncio.open_connection(*self._there)
        await asyncio.gather(self._passed(reader, out), self._passed(there, writer))

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def line(url: str) -> AsyncIterator[tuple[Cut, str]]:
    """A line to a Postgres, and the URL through it."""
    parts = urlsplit(url)
    cut = Cut(parts.hostname or "", parts.port or 5432)
    server = await asyncio.start_server(cut.serve, "127.0.0.1", 0)
    cut.port = server.sockets[0].getsockname()[1]
    yield cut, url.replace(f":{parts.port}/", f":{cut.port}/")
    cut.cut()
    server.close()


@pytest.mark.needs_postgres
async def test_a_database_that_is_gone_and_back_is_felt_by_administrators_only(
    starts: Starts, postgres_url: str
) -> None:
    """What was asked meanwhile is in the ledger afterwards."""
    async with line(postgres_url) as (cut, url):
        running = await starts(store=url)
        key = await running.makes("bob")
        assert (await running.asks(key)).status_code == 200
        cut.cut()
        for method, path in (("POST", "/admin/keys"), ("PATCH", "/admin/keys/bob"), ("PUT", "/admin/teams/blue")):
            told = await running.admin.request(method, path, json={"name": "eve"} if method == "POST" else {})
            assert (told.status_code, told.json()["error"]["code"]) == (503, "store_away")
        assert (await running.admin.get("/admin/usage")).status_code == 503
        assert [(await running.asks(key)).status_code for _ in range(3)] == [200] * 3
        assert (await running.admin.get("/admin/routes")).status_code == 200
        cut.is_cut = False
        await running.makes("eve")

        async def all_written() -> bool:
            found = (await running.tells("/admin/usage"))["usage"]
            return bool(found and found[0]["requests"] == 4)

        await until(all_written)
        await running.end()
