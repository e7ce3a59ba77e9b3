"""The ledger in SQL, on SQLite or Postgres; keys are in `sql_keys`, budgets in `sql_budgets`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from msgspec.structs import astuple

from fairlead.apps.hub.accounts.entries import COLUMNS, DAY_S, Row
from fairlead.apps.hub.accounts.stores.database import Database
from fairlead.apps.hub.accounts.stores.sql_budgets import SqlBudgets
from fairlead.apps.hub.accounts.stores.sql_keys import SqlKeys
from fairlead.apps.hub.accounts.stores.tables import statements

_PLACES = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
_WRITE = f"INSERT INTO hub_ledger ({', '.join(COLUMNS)}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of columns

MAKING = 7_112_001
"""The advisory lock under which tables are made: Postgres does not make one twice at once."""


class SqlStore(SqlBudgets, SqlKeys):
    """A `Store`."""

    def __init__(self, database: Database) -> None:
        SqlBudgets.__init__(self, database)
        SqlKeys.__init__(self, database)
        self._database = database
        self.hour = database.hour

    async def begin(self) -> None:
        await self._database.open()
        async with self._database.writing() as session:
            if self._database.locking:
                await session.run(f"SELECT pg_advisory_xact_lock({MAKING})")
            for sql in statements(self._database):
                await session.run(sql)

    async def end(self) -> None:
        await self._database.close()

    async def write(self, rows: Sequence[Row]) -> None:
        async with self._database.writing() as session:
            await session.many(_WRITE, [astuple(row) for row in rows])

    async def prune(self, before: float, most: int) -> int:
        # the day first: it has the index
        old = "SELECT id FROM hub_ledger WHERE day <= $1 AND started < $2 LIMIT $3"
        async with self._database.writing() as session:
            found = [id for (id,) in await session.fetch(old, int(before // DAY_S), before, most)]
            if found:
                sql = f"DELETE FROM hub_ledger WHERE id {self._database.listed}"  # noqa: S608 - ours
                await session.run(sql, json.dumps(found))
        return len(found)

    async def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        async with self._database.reading() as session:
            return await session.fetch(sql, *values)
