"""Keys and ledger in SQL, on SQLite or Postgres; the budgets are in `sql_budgets`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import astuple

from fairlead.apps.hub.accounts.entries import COLUMNS, Row
from fairlead.apps.hub.accounts.stores import KeyRow
from fairlead.apps.hub.accounts.stores.database import Database, Session
from fairlead.apps.hub.accounts.stores.sql_budgets import SqlBudgets
from fairlead.apps.hub.accounts.stores.tables import statements

_PLACES = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
_WRITE = f"INSERT INTO hub_ledger ({', '.join(COLUMNS)}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of columns

MAKING = 7_112_001
"""The advisory lock under which tables are made: Postgres does not make one twice at once."""


class SqlStore(SqlBudgets):
    """A `Store`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    async def begin(self) -> None:
        await self._database.open()
        async with self._database.writing() as session:
            if self._database.locking:
                await session.run(f"SELECT pg_advisory_xact_lock({MAKING})")
            for sql in statements(self._database):
                await session.run(sql)

    async def end(self) -> None:
        await self._database.close()

    # ledger

    async def write(self, rows: Sequence[Row]) -> None:
        async with self._database.writing() as session:
            await session.many(_WRITE, [astuple(row) for row in rows])

    async def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        async with self._database.reading() as session:
            return await session.fetch(sql, *values)

    # keys

    async def keys(self, after: int) -> list[KeyRow]:
        async with self._database.reading() as session:
            sql = "SELECT digest, name, fields, revoked, change FROM hub_keys WHERE change > $1 ORDER BY change"
            found = await session.fetch(sql, after)
        return [KeyRow(digest, name, fields, bool(revoked), change) for digest, name, fields, revoked, change in found]

    async def put_key(self, digest: str, name: str, fields: str) -> None:
        async with self._database.writing() as session:
            sql = "INSERT INTO hub_keys (digest, name, fields, revoked, change) VALUES ($1, $2, $3, $4, $5)"
            await session.run(sql, digest, name, fields, False, await _change(session))

    async def revoke_key(self, digest: str) -> bool:
        async with self._database.writing() as session:
            found = await session.fetch("SELECT 1 FROM hub_keys WHERE digest = $1", digest)
            sql = "UPDATE hub_keys SET revoked = $2, change = $3 WHERE digest = $1"
            await session.run(sql, digest, True, await _change(session))
        return bool(found)


async def _change(session: Session) -> int:
    """The number of this change; whoever changes next waits for this one to be complete, so that none is skipped."""
    await session.run("UPDATE hub_changes SET change = change + 1")
    [(number,)] = await session.fetch("SELECT change FROM hub_changes")
    return int(number)
