"""SQLite: the default, for one machine. Processes share the file; each has a connection, in its own thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.accounts.stores.database import Values

T = TypeVar("T")

WAIT_S = 5.0
"""For another process to end its transaction."""


class Sqlite:
    """One file, or `:memory:` for a process alone."""

    listed = "IN (SELECT value FROM json_each($1))"
    locking = ""
    hour = "CAST(started / 3600 AS integer)"
    boolean = "integer"
    double = "real"

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "hub-sqlite")
        self._connection: sqlite3.Connection | None = None
        self._alone = asyncio.Lock()

    async def open(self) -> None:
        self._connection = self._connection or await self._do(self._connect)

    async def close(self) -> None:
        if self._connection is not None:
            await self._do(self._connection.close)
        self._thread.shutdown()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Sqlite]:
        async with self._alone:
            try:
                await self.run("BEGIN IMMEDIATE")
                yield self
                await self.run("COMMIT")
            except BaseException:  # cancelled too; the thread does one thing after another, so that this comes last
                await asyncio.shield(self._do(self._roll_back))
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Sqlite]:
        """A connection of its own, so that a long question holds up nobody."""
        if self._path == ":memory:":
            yield self
            return
        other = Sqlite(self._path)
        await other.open()
        try:
            yield other
        finally:
            await other.close()

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        return await self._do(lambda: self._ready().execute(sql, _named(values)).fetchall())

    async def run(self, sql: str, *values: Any) -> None:
        await self._do(lambda: self._ready().execute(sql, _named(values)))

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        listed = list(rows)
        width = len(listed[0]) if listed else 0
        for number in range(width, 0, -1):
            sql = sql.replace(f"${number}", f"?{number}")
        await self._do(lambda: self._ready().executemany(sql, listed))

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _ready(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreAway("not open")
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        if self._path != ":memory:":
            Path(self._path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # the spool forgets what is here: it has to be on the disk
        return connection

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise StoreAway(f"{self._path}: {error}") from error


def _named(values: Values) -> dict[str, Any]:
    return {str(number): value for number, value in enumerate(values, 1)}
