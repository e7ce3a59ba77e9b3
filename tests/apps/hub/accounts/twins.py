"""Budgets and ledger in memory, for tests that need many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.accounts.entries import Row
from fairlead.apps.hub.accounts.stores import Answers, Statement, StoreAway
from fairlead.apps.hub.accounts.stores.lending import Share, Total, closed, lend


class Purse:
    """Budgets: `lending`, and nothing else."""

    def __init__(self) -> None:
        self.totals: dict[str, Total] = {}
        self.shares: dict[tuple[str, str], Share] = {}
        self.live: set[str] = set()
        self.wanted: set[str] = set()
        self.away = False
        self.closes = True
        """Whether `close` works, while the rest does."""

    async def exchange(self, holder: str, statements: Sequence[Statement], *, joined: bool) -> Answers:
        self._answer()
        self.live.add(holder)
        told = []
        for one in statements:
            key = one.counter, holder
            total, share = self.totals.get(one.counter, Total(0, 0)), self.shares.get(key, Share(0, 0))
            loan = lend(total, share, one, len(self.live))
            self.totals[one.counter], self.shares[key] = loan.total, loan.share
            (self.wanted.add if loan.short else self.wanted.discard)(one.counter)
            told.append(loan.answer)
        return Answers(told, frozenset(self.wanted), lost=False)

    async def close(self, holder: str, spent: Mapping[str, int]) -> None:
        self._answer(self.closes)
        self.live.discard(holder)
        for counter in {name for name, who in self.shares if who == holder} | spent.keys():
            total, share = self.totals.get(counter, Total(0, 0)), self.shares.get((counter, holder), Share(0, 0))
            self.totals[counter], self.shares[counter, holder] = closed(total, share, spent.get(counter, 0))

    async def spent(self, holder: str) -> dict[str, int]:
        self._answer()
        return {name: share.spent for (name, who), share in self.shares.items() if who == holder}

    async def holders(self) -> dict[str, float]:
        return dict.fromkeys(self.live, 0.0)

    def _answer(self, well: bool = True) -> None:
        if self.away or not well:
            raise StoreAway("told to be")


class Book:
    """A ledger that notices what is written twice."""

    hour = ""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.away = False

    async def write(self, rows: Sequence[Row]) -> None:
        if self.away:
            raise StoreAway("told to be")
        for row in rows:
            assert self.rows.setdefault(row.id, row) == row

    async def prune(self, before: float, most: int) -> int:
        raise NotImplementedError

    async def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        raise NotImplementedError
