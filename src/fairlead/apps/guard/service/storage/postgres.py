"""PostgreSQL, by URL: for services on several machines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.database import Statement, Values

ANSWER_S = 5.0
MOST_CONNECTIONS = 3
"""Of one process: what is written down, what is looked up, and a question of an administrator."""

FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Postgres:
    """A database that the role in the URL may make tables in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    def __repr__(self) -> str:
        return "Postgres(…)"  # the URL has a password

    async def open(self) -> None:
        try:
            self._pool = self._pool or await asyncpg.create_pool(
                self._url, min_size=0, max_size=MOST_CONNECTIONS, command_timeout=ANSWER_S, timeout=ANSWER_S
            )
            async with self._pool.acquire():
                pass
        except FAILURES as error:
            raise StoreAway(_why(error)) from None

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._pool.close()
        except FAILURES:
            self._pool.terminate()
        self._pool = None

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        try:
            async with self._ready().acquire(timeout=ANSWER_S) as connection:
                return [tuple(row) for row in await connection.fetch(sql, *values)]
        except FAILURES as error:
            raise StoreAway(_why(error)) from None

    async def write(self, statements: Sequence[Statement]) -> None:
        try:
            async with self._ready().acquire(timeout=ANSWER_S) as connection, connection.transaction():
                for sql, rows in statements:
                    await connection.executemany(sql, rows)
        except FAILURES as error:
            raise StoreAway(_why(error)) from None

    def _ready(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            raise StoreAway("the store is not connected")
        return self._pool


def _why(error: BaseException) -> str:
    """Without its words, which may repeat the URL or a row."""
    return f"the store can't be asked: {type(error).__name__}"
