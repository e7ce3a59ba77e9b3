"""Budgets in SQL: a row for each counter, and one for what each process has of it.

Counters are locked in the order of their names, so that two processes never wait for each other in a circle.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairlead.apps.hub.accounts.limits import CONCURRENT_ENDS
from fairlead.apps.hub.accounts.stores import Answers, Statement
from fairlead.apps.hub.accounts.stores.database import Database, Session
from fairlead.apps.hub.accounts.stores.lending import Loan, Share, Total, closed, lend

LIVE_S = 10.0
"""A process that gave no sign of life for so long does not share, and has no request under way."""

WANTED_S = 2.0
"""How long the others are told that somebody needs what they have left."""

KEPT_S = 3_600.0
"""How long counters stay after their window, for requests that end late and processes that died."""

FOREVER = 9e15
"""When windows end that don't: a number that every database knows."""

_TAKEN = "CASE WHEN granted > spent THEN granted ELSE spent END"

_FRESH = "INSERT INTO hub_totals (counter, ends, taken, spent, wanted) VALUES ($1, $2, 0, 0, 0)"

_SHARE = """INSERT INTO hub_shares (counter, holder, granted, spent) VALUES ($1, $2, $3, $4)
ON CONFLICT (counter, holder) DO UPDATE SET granted = excluded.granted, spent = excluded.spent"""


class SqlBudgets:
    """Every exchange is one transaction."""

    def __init__(self, database: Database) -> None:
        self._sql = database

    async def exchange(self, holder: str, statements: Sequence[Statement], *, joined: bool) -> Answers:
        now = time.time()
        async with self._sql.writing() as session:
            holders = await self._alive(session, holder, now)
            loans = await self._lend(session, holder, statements, holders, now) if statements else []
            wanted = await self._wanted(session, holder, now)
        return Answers([loan.answer for loan in loans], wanted, lost=False)

    async def close(self, holder: str, spent: Mapping[str, int]) -> None:
        async with self._sql.writing() as session:
            shares = dict.fromkeys(spent, Share(0, 0)) | await self._shares_of(session, holder, None)
            totals = await self._totals(session, shares)
            over = {name: closed(totals[name], shares[name], spent.get(name, 0)) for name in totals}
            await _keep(session, holder, {name: (total, share, 0.0) for name, (total, share) in over.items()})
            await session.run("DELETE FROM hub_holders WHERE holder = $1", holder)

    async def spent(self, holder: str) -> dict[str, int]:
        async with self._sql.writing() as session:
            return {name: share.spent for name, share in (await self._shares_of(session, holder, None)).items()}

    async def holders(self) -> dict[str, float]:
        async with self._sql.writing() as session:
            return dict(await session.fetch("SELECT holder, seen FROM hub_holders"))

    async def spent_in(self, counters: Iterable[str]) -> dict[str, dict[str, int]]:
        """Counter -> process -> what it spent."""
        async with self._sql.writing() as session:
            sql = f"SELECT counter, holder, spent FROM hub_shares WHERE counter {self._sql.listed}"  # noqa: S608 - ours
            found: dict[str, dict[str, int]] = {}
            for counter, holder, spent in await session.fetch(sql, json.dumps(list(counters))):
                found.setdefault(counter, {})[holder] = spent
        return found

    async def note(self, holder: str, spent: Mapping[str, tuple[float, int]]) -> None:
        """Put down (end of the window, sum) of what a process spent, where another store does the lending."""
        async with self._sql.writing() as session:
            totals = [(name, min(ends, FOREVER)) for name, (ends, _) in sorted(spent.items())]
            await session.many(f"{_FRESH} ON CONFLICT DO NOTHING", totals)
            larger = "CASE WHEN excluded.spent > hub_shares.spent THEN excluded.spent ELSE hub_shares.spent END"
            sql = "INSERT INTO hub_shares (counter, holder, granted, spent) VALUES ($1, $2, 0, $3)"
            rows = [(name, holder, count) for name, (_, count) in sorted(spent.items())]
            await session.many(f"{sql} ON CONFLICT (counter, holder) DO UPDATE SET spent = {larger}", rows)

    async def tidy(self) -> None:
        """Forget counters whose window was over long ago."""
        async with self._sql.writing() as session:
            old = "SELECT counter FROM hub_totals WHERE ends < $1"
            await session.run(f"DELETE FROM hub_shares WHERE counter IN ({old})", time.time() - KEPT_S)  # noqa: S608
            await session.run("DELETE FROM hub_totals WHERE ends < $1", time.time() - KEPT_S)

    async def _alive(self, session: Session, holder: str, now: float) -> int:
        sql = "INSERT INTO hub_holders (holder, seen) VALUES ($1, $2) ON CONFLICT (holder) DO UPDATE SET seen = $2"
        await session.run(sql, holder, now)
        [(count,)] = await session.fetch("SELECT count(*) FROM hub_holders WHERE seen > $1", now - LIVE_S)
        return max(1, int(count))

    async def _lend(
        self, session: Session, holder: str, statements: Sequence[Statement], holders: int, now: float
    ) -> list[Loan]:
        fresh = sorted((one.counter, min(one.ends, FOREVER)) for one in statements)
        await session.many(f"{_FRESH} ON CONFLICT DO NOTHING", fresh)
        totals = await self._totals(session, [one.counter for one in statements])
        totals |= await self._lapsed(session, [name for name in totals if name.endswith(CONCURRENT_ENDS)], now)
        shares = await self._shares_of(session, holder, totals)
        loans = [lend(totals[one.counter], shares.get(one.counter, Share(0, 0)), one, holders) for one in statements]
        kept = {
            one.counter: (loan.total, loan.share, now + WANTED_S if loan.short else 0.0)
            for one, loan in zip(statements, loans, strict=True)
        }
        await _keep(session, holder, kept)
        return loans

    async def _totals(self, session: Session, counters: Iterable[str]) -> dict[str, Total]:
        sql = f"SELECT counter, taken, spent FROM hub_totals WHERE counter {self._sql.listed} ORDER BY counter"  # noqa: S608
        found = await session.fetch(f"{sql} {self._sql.locking}", json.dumps(list(counters)))
        return {counter: Total(taken, spent) for counter, taken, spent in found}

    async def _shares_of(self, session: Session, holder: str, counters: Iterable[str] | None) -> dict[str, Share]:
        sql = "SELECT counter, granted, spent FROM hub_shares WHERE"
        if counters is None:
            found = await session.fetch(f"{sql} holder = $1", holder)
        else:
            found = await session.fetch(
                f"{sql} counter {self._sql.listed} AND holder = $2", json.dumps(list(counters)), holder
            )
        return {counter: Share(granted, spent) for counter, granted, spent in found}

    async def _lapsed(self, session: Session, counters: list[str], now: float) -> dict[str, Total]:
        """The totals of counters of requests under way, without what silent processes have."""
        if not counters:
            return {}
        some: Any = json.dumps(counters)
        dead = "SELECT holder FROM hub_holders WHERE seen > $2"
        where = f"WHERE counter {self._sql.listed}"
        await session.run(f"DELETE FROM hub_shares {where} AND holder NOT IN ({dead})", some, now - LIVE_S)  # noqa: S608
        sql = f"SELECT counter, sum({_TAKEN}), sum(spent) FROM hub_shares {where} GROUP BY counter"  # noqa: S608
        sums = {counter: Total(int(taken), int(spent)) for counter, taken, spent in await session.fetch(sql, some)}
        return dict.fromkeys(counters, Total(0, 0)) | sums

    async def _wanted(self, session: Session, holder: str, now: float) -> frozenset[str]:
        sql = """SELECT t.counter FROM hub_totals t JOIN hub_shares s ON s.counter = t.counter
WHERE t.wanted > $1 AND s.holder = $2 AND s.granted > s.spent"""
        return frozenset(counter for (counter,) in await session.fetch(sql, now, holder))


async def _keep(session: Session, holder: str, changed: Mapping[str, tuple[Total, Share, float]]) -> None:
    sql = "UPDATE hub_totals SET taken = $2, spent = $3, wanted = CASE WHEN wanted > $4 THEN wanted ELSE $4 END"
    sums = [(name, total.taken, total.spent, until) for name, (total, _, until) in changed.items()]
    await session.many(f"{sql} WHERE counter = $1", sums)
    await session.many(_SHARE, [(name, holder, *share) for name, (_, share, _) in changed.items()])
