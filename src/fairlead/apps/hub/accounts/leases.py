"""Keeps slices filled: states what was spent to the store of budgets, and is lent more, beside the requests.

A round is one call for all counters that changed. There is one every half second, and at once when somebody waits or a
slice is half empty. While the store is away, requests go on with what was lent; then `outage` decides: "refuse" (the
default: exact), or "serve" (more may be spent than the limit; every bit of it is in the ledger and is stated later).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from fairlead.apps.hub.accounts import refusals
from fairlead.apps.hub.accounts.slices import Slice
from fairlead.apps.hub.accounts.stores import Answer, Budgets, Statement, StoreAway
from fairlead.apps.hub.calls import Failure
from fairlead.kit.clock import Clock, SystemClock

Outage = Literal["refuse", "serve"]

ROUND_S = 0.5
"""Between two rounds in which nobody waits, and between two tries when the store is away."""
PAUSE_S = 0.003
"""Between two rounds when somebody does: what comes meanwhile goes with the next."""
DRY_S = 0.25
"""How long a counter that had nothing is not asked for again."""
AHEAD_S = 2.0
"""How long before its beginning the next window's slice is leased."""
MOST_STATEMENTS = 500
"""In one call."""

log = logging.getLogger(__name__)


class Leases:
    """All slices of this process."""

    def __init__(self, budgets: Budgets, holder: str, *, outage: Outage = "refuse", clock: Clock | None = None) -> None:
        self._budgets = budgets
        self._holder = holder
        self._clock = clock or SystemClock()
        self.outage = outage
        self.changed: set[Slice] = set()
        """Those to be stated in the next round."""
        self.away_since: float | None = None
        """Since when the store does not answer, in seconds since 1970."""
        self._slices: dict[str, Slice] = {}
        self._waiting: list[Callable[[], None]] = []
        self._due = asyncio.Event()
        self._joined = False
        self._tidy_at = 0.0

    # for those who reserve

    def lacking(self, slices: Iterable[Slice], needs: Sequence[int], now: float) -> Failure | None:
        """Why what is needed is not there, or that it has to be waited for; `None`: go on without."""
        failure: Failure | None = None
        for part in slices:
            need = needs[part.measure]
            if part.free >= need:
                continue
            if need > part.rule.most or self._clock.monotonic() < part.dry_until:
                return refusals.refused(part, need, now)
            failure = failure or self._want(part, need, now)
        return failure

    def _want(self, part: Slice, need: int, now: float) -> Failure | None:
        part.need = min(part.need or need, need)
        self.fill(part)
        if self.away_since is None:
            return refusals.short(part, need)
        return None if self.outage == "serve" else refusals.away(part, now)

    def fill(self, part: Slice) -> None:
        """Have it filled soon."""
        part.low = -1
        self.changed.add(part)
        self._due.set()

    def wait(self, again: Callable[[], None]) -> None:
        """Call `again` after the next round."""
        self._waiting.append(again)
        self._due.set()

    # beside them

    async def run(self) -> None:
        """Go on with rounds until cancelled."""
        while True:
            await self.round()
            try:
                async with asyncio.timeout(ROUND_S):
                    await self._due.wait()
            except TimeoutError:
                pass
            await self._clock.sleep(PAUSE_S if self.away_since is None else ROUND_S)

    async def round(self) -> None:
        """State what changed, be lent more, and let those try again who waited; what they wait for comes first."""
        self._due.clear()
        self._look_ahead()
        stating, self.changed = self.changed, set()
        try:
            for some in _batches(sorted(stating, key=lambda one: not one.need)):
                await self._exchange(some)
                self._try_again()
        except StoreAway as error:
            self._lost_sight(stating, error)
            self._try_again()
        else:
            self._found()

    def _try_again(self) -> None:
        waiting, self._waiting = self._waiting, []
        for again in waiting:
            try:
                again()
            except Exception:  # of one request; the others still wait
                log.exception("a request that waited for a slice failed")

    async def give_back(self) -> None:
        """Tell the store that this process is over. What is still held counts as spent."""
        await self._budgets.close(self._holder, {part.counter: part.used for part in self._slices.values()})

    async def _exchange(self, slices: Sequence[Slice]) -> None:
        statements = [self._statement(part) for part in slices]
        told = await self._budgets.exchange(self._holder, statements, joined=self._joined)
        self._joined = True
        for part, statement, answer in zip(slices, statements, told.answers, strict=True):
            self._learn(part, statement, answer)
        for counter in told.wanted & self._slices.keys():
            self._share(self._slices[counter])
        if told.lost:
            log.warning("the store of budgets has lost its data: stating everything again")
            self.changed.update(self._slices.values())
            self._due.set()

    def _statement(self, part: Slice) -> Statement:
        self._slices[part.counter] = part
        return Statement(part.counter, part.ends, part.rule.most, part.spent, part.granted, part.used + part.need)

    def _learn(self, part: Slice, statement: Statement, answer: Answer) -> None:
        part.grant(answer.granted)
        part.need = 0
        part.left = answer.ceiling - answer.granted
        part.unspent_elsewhere = answer.unspent_elsewhere
        if answer.granted < statement.floor:
            part.dry_until = self._clock.monotonic() + DRY_S

    def _share(self, part: Slice) -> None:
        """Others need what is free here; the next round gets back what is this process's share of it."""
        part.shrink()
        self.changed.add(part)
        self._due.set()

    def _look_ahead(self) -> None:
        """Lease windows that begin soon, for counters that are in use; forget windows that are over."""
        now = self._clock.wall()
        for part in list(self.changed):
            meter = part.meter
            if meter.slice is part and part.ends - now < AHEAD_S and (following := meter.ahead()) is not None:
                self.changed.add(following)
        if now >= self._tidy_at:
            self._tidy_at = now + AHEAD_S
            self._tidy(now - AHEAD_S)

    def _tidy(self, ended: float) -> None:
        over = [one for one in self._slices.values() if one.ends < ended and not one.held and one not in self.changed]
        for part in over:
            del self._slices[part.counter]

    def _lost_sight(self, stating: set[Slice], error: StoreAway) -> None:
        self.changed |= stating
        if self.away_since is None:
            self.away_since = self._clock.wall()
            log.warning("the store of budgets is away: %s", error)

    def _found(self) -> None:
        if self.away_since is not None:
            log.warning("the store of budgets is back after %.1f s", self._clock.wall() - self.away_since)
            self.away_since = None


def _batches(slices: list[Slice]) -> list[list[Slice]]:
    """At least one, since a call is a sign of life too."""
    return [slices[begin : begin + MOST_STATEMENTS] for begin in range(0, len(slices) or 1, MOST_STATEMENTS)]
