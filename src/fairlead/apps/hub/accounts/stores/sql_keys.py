"""Keys and teams in SQL. Every change has a number, so that a hub learns what is new by one question."""

from __future__ import annotations

import time

from fairlead.apps.hub.accounts.stores import KeyRow, TeamRow
from fairlead.apps.hub.accounts.stores.database import Database, Session

_VALUES = """SELECT v.digest, k.name, k.fields, k.revoked, k.change, v.until, v.made
FROM hub_keys k JOIN hub_values v ON v.name = k.name"""
_VALUE = "INSERT INTO hub_values (digest, name, made, until) VALUES ($1, $2, $3, NULL)"


class SqlKeys:
    """The newest value of a key stands in `hub_keys`, all of them in `hub_values`."""

    def __init__(self, database: Database) -> None:
        self._of_keys = database

    async def keys(self, after: int) -> list[KeyRow]:
        return await self._values("k.change > $1", after)

    async def named(self, name: str) -> list[KeyRow]:
        return await self._values("k.name = $1", name)

    async def _values(self, where: str, value: object) -> list[KeyRow]:
        async with self._of_keys.reading() as session:
            found = await session.fetch(f"{_VALUES} WHERE {where} ORDER BY k.change, v.made", value)
        return [
            KeyRow(digest, name, fields, bool(revoked), change, until, made)
            for digest, name, fields, revoked, change, until, made in found
        ]

    async def put_key(self, digest: str, name: str, fields: str) -> bool:
        async with self._of_keys.writing() as session:
            change = await _change(session)
            if await session.fetch("SELECT 1 FROM hub_keys WHERE name = $1", name):
                return False
            sql = "INSERT INTO hub_keys (digest, name, fields, revoked, change) VALUES ($1, $2, $3, $4, $5)"
            await session.run(sql, digest, name, fields, False, change)
            await session.run(_VALUE, digest, name, time.time())
        return True

    async def change_key(self, name: str, fields: str) -> bool:
        async with self._of_keys.writing() as session:
            change = await _change(session)
            if not await _lives(session, name):
                return False
            await session.run("UPDATE hub_keys SET fields = $2, change = $3 WHERE name = $1", name, fields, change)
        return True

    async def rotate_key(self, name: str, digest: str, until: float) -> bool:
        async with self._of_keys.writing() as session:
            change = await _change(session)
            if not await _lives(session, name):
                return False
            sooner = "CASE WHEN until < $2 THEN until ELSE $2 END"  # nothing lives longer by another rotation
            await session.run(f"UPDATE hub_values SET until = {sooner} WHERE name = $1", name, until)  # noqa: S608 - ours
            await session.run(_VALUE, digest, name, time.time())
            await session.run("UPDATE hub_keys SET digest = $2, change = $3 WHERE name = $1", name, digest, change)
        return True

    async def revoke_key(self, name: str) -> bool:
        async with self._of_keys.writing() as session:
            change = await _change(session)
            if not await _lives(session, name):
                return False
            await session.run("UPDATE hub_keys SET revoked = $2, change = $3 WHERE name = $1", name, True, change)
        return True

    async def teams(self, after: int) -> list[TeamRow]:
        async with self._of_keys.reading() as session:
            sql = "SELECT name, fields, gone, change FROM hub_teams WHERE change > $1 ORDER BY change"
            found = await session.fetch(sql, after)
        return [TeamRow(name, fields, bool(gone), change) for name, fields, gone, change in found]

    async def put_team(self, name: str, fields: str | None) -> None:
        async with self._of_keys.writing() as session:
            sql = """INSERT INTO hub_teams (name, fields, gone, change) VALUES ($1, $2, $3, $4) ON CONFLICT (name)
DO UPDATE SET fields = excluded.fields, gone = excluded.gone, change = excluded.change"""
            await session.run(sql, name, fields or "{}", fields is None, await _change(session))


async def _lives(session: Session, name: str) -> bool:
    found = await session.fetch("SELECT revoked FROM hub_keys WHERE name = $1", name)
    return bool(found) and not found[0][0]


async def _change(session: Session) -> int:
    """The number of this change; whoever changes next waits for this one to be complete, so that none is skipped."""
    await session.run("UPDATE hub_changes SET change = change + 1")
    [(number,)] = await session.fetch("SELECT change FROM hub_changes")
    return int(number)
