"""SQLite: the default, for one machine. Processes share the file; each has one connection, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import Statement, Values
from fairlead.kit.files import private_folder

T = TypeVar("T")

WAIT_S = 5.0
"""For another process to end its transaction."""


class Sqlite:
    """One file, or `:memory:` for a process alone."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "guard-sqlite")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        self._connection = self._connection or await self._do(self._connect)

    async def close(self) -> None:
        if self._connection is not None:
            await self._do(self._connection.close)
            self._connection = None
        self._thread.shutdown()

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        return await self._do(lambda: self._ready().execute(_numbered(sql), values).fetchall())

    async def write(self, statements: Sequence[Statement]) -> None:
        await self._do(lambda: self._written(statements))

    def _written(self, statements: Sequence[Statement]) -> None:
        connection = self._ready()
        connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, rows in statements:
                connection.executemany(_numbered(sql), rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _ready(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreAway("the store is not open")
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        if self._path != ":memory:":
            private_folder(Path(self._path).parent)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last second, never the file
        return connection

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            raise StoreAway(f"{self._path}: {error}") from None


def _numbered(sql: str) -> str:
    return sql.replace("$", "?")
