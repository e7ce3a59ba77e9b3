"""PostgreSQL, by URL: for hubs on several machines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg

from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.accounts.stores.database import Values

ANSWER_S = 5.0
MOST_CONNECTIONS = 3
"""Of one process: the ledger, the budgets, and a question of an administrator."""

FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Postgres:
    """A database that the role in the URL may make tables in."""

    listed = "IN (SELECT json_array_elements_text($1::json))"
    locking = "FOR UPDATE"
    hour = "CAST(floor(started / 3600) AS bigint)"
    boolean = "boolean"
    double = "double precision"

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
            raise StoreAway(_why(error)) from error

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._pool.close()
        except FAILURES:
            self._pool.terminate()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Session]:
        if self._pool is None:
            raise StoreAway("not connected")
        try:
            async with self._pool.acquire(timeout=ANSWER_S) as connection, connection.transaction():
                yield _Session(connection)
        except FAILURES as error:
            raise StoreAway(_why(error)) from error

    def reading(self) -> AbstractAsyncContextManager[_Session]:
        return self.writing()


class _Session:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: Any) -> list[Values]:
        return [tuple(row) for row in await self._connection.fetch(sql, *values)]

    async def run(self, sql: str, *values: Any) -> None:
        await self._connection.execute(sql, *values)

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        await self._connection.executemany(sql, rows)


def _why(error: BaseException) -> str:
    """Without the URL, which some messages repeat."""
    return (
        f"{type(error).__name__}: {getattr(error, 'strerror', None) or getattr(error, 'message', None) or ''}".rstrip(
            ": "
        )
    )
