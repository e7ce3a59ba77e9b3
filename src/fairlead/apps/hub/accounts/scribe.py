"""Empties the spool into the ledger, behind the requests; and keeps the spool's promises to the disk.

Two loops: one syncs the spool every 50 ms in a thread, the other writes what is new to the store in batches. A batch
may be written twice (a timeout, a crash before the spool forgot it): the ledger knows it by its ids.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from fairlead.apps.hub.accounts.entries import Row
from fairlead.apps.hub.accounts.spool.records import ENDED, Ended, decode
from fairlead.apps.hub.accounts.spool.segment import HEAD, records
from fairlead.apps.hub.accounts.spool.spool import Spool
from fairlead.apps.hub.accounts.stores import Ledger, StoreAway
from fairlead.kit.clock import Clock, SystemClock

SYNC_S = 0.05
"""The most that a loss of power takes."""
SHIP_S = 0.2
"""Between two looks for something to write, when there was little, or the store is away."""
BATCH_BYTES = 128 * 1024
"""Some 400 requests: read in half a millisecond, in which the loop does nothing else."""

log = logging.getLogger(__name__)


class Scribe:
    """Works until it is cancelled; `carry` is told the number of each segment that is about to be deleted."""

    def __init__(
        self, spool: Spool, ledger: Ledger, carry: Callable[[int], None], *, clock: Clock | None = None
    ) -> None:
        self._spool = spool
        self._ledger = ledger
        self._carry = carry
        self._clock = clock or SystemClock()
        self.away_since: float | None = None
        """Since when the store takes nothing, in seconds since 1970."""
        self._problem: str | None = None

    async def keep(self) -> None:
        """Bring the spool to the disk, again and again."""
        while True:
            await self._clock.sleep(SYNC_S)
            await self.sync()

    async def sync(self) -> None:
        """Once."""
        made = None
        due = self._spool.due()
        try:
            made = await asyncio.to_thread(self._spool.keep, due)
        except OSError as error:
            self._spool.problem = error.strerror or type(error).__name__
        finally:
            self._spool.kept(made)
        self._say()

    async def run(self) -> None:
        """Write what is new, again and again."""
        while True:
            if await self._try() < BATCH_BYTES // 2:  # so that transactions are few when requests are many
                await self._clock.sleep(SHIP_S)

    async def flush(self) -> None:
        """Write all there is. Raises `StoreAway`."""
        while await self.ship():
            pass

    async def ship(self) -> int:
        """Write a batch; how many bytes of records that was. Raises `StoreAway`."""
        data, (segment, position) = self._spool.unshipped(BATCH_BYTES)
        found = list(records(data))
        rows = [row for one in found if one.startswith(ENDED) and (row := _row(one))]
        if rows:
            await self._ledger.write(rows)
        shipped = sum(HEAD.size + len(one) for one in found)
        self._spool.shipped = segment, position + shipped
        for number in self._spool.forget():
            self._carry(number)
        return shipped

    async def _try(self) -> int:
        try:
            shipped = await self.ship()
        except StoreAway as error:
            if self.away_since is None:
                self.away_since = self._clock.wall()
                log.warning("the ledger's store is away, requests are kept in the spool: %s", error)
            return 0
        if self.away_since is not None:
            log.warning("the ledger's store is back after %.1f s", self._clock.wall() - self.away_since)
            self.away_since = None
        return shipped

    def _say(self) -> None:
        """Once for each change."""
        if self._spool.problem != self._problem:
            self._problem = self._spool.problem
            log.error("the spool is in memory only: %s", self._problem) if self._problem else log.warning(
                "the spool is on the disk again"
            )


def _row(record: bytes) -> Row | None:
    ended = decode(record)
    return ended.row if isinstance(ended, Ended) else None
