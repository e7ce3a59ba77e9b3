"""Puts the parts together, keeps their loops going, and ends them in order.

office = Office(config, Path("state"), store="sqlite:state/hub.db")
await office.begin()
office.accounts.admit(…)
await office.end()
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from fairlead.apps.hub.accounts import recovery
from fairlead.apps.hub.accounts.accounts import Accounts
from fairlead.apps.hub.accounts.health import Health
from fairlead.apps.hub.accounts.keys import Keyring
from fairlead.apps.hub.accounts.leases import Leases
from fairlead.apps.hub.accounts.pruning import Pruning
from fairlead.apps.hub.accounts.recovery import Recovered
from fairlead.apps.hub.accounts.roster import Roster
from fairlead.apps.hub.accounts.scribe import Scribe
from fairlead.apps.hub.accounts.slices import Meter
from fairlead.apps.hub.accounts.spool.spool import Spool, new_holder
from fairlead.apps.hub.accounts.stores import Budgets, StoreAway, opening
from fairlead.apps.hub.accounts.stores.sql_budgets import LIVE_S
from fairlead.apps.hub.config import Config

LOOK_S = 1.0
"""Between two looks for keys that changed, and for spools of dead processes."""
TIDY_S = 600.0
END_S = 10.0
"""For the store to take the rest, when the hub ends; what it does not take stays in the spool."""
MOST_AHEAD = 5_000
"""Counters that are leased before anybody asks for them."""

log = logging.getLogger(__name__)


class Office:
    """Everything about accounts in one process. `folder` is its own disk, shared with other hubs of this machine."""

    def __init__(self, declared: Config, folder: Path, *, store: str, budgets: str | None = None) -> None:
        self.store = opening.store(store)
        self._redis = opening.redis(budgets, self.store) if budgets else None
        self._budgets: Budgets = self._redis or self.store
        self._folder = folder / "spools"
        self.keyring = Keyring()
        self.roster = Roster(self.keyring)
        self._spool = Spool(self._folder, new_holder())
        self._leases = Leases(self._budgets, self._spool.holder, outage=declared.outage)
        self.accounts = Accounts(self.keyring, self._leases, self._spool)
        self._scribe = Scribe(self._spool, self.store, self.accounts.carry)
        self._pruning = Pruning(self.store)
        self._loops: list[asyncio.Task[None]] = []
        self._connected = False
        self._ended = False
        self._tidy_at = 0.0
        self.recovered: list[Recovered] = []
        """What dead processes had left."""
        self.declare(declared)

    async def begin(self) -> None:
        """Settle what was left, lease what is declared, and go on with it. A store that is away is waited for later."""
        with contextlib.suppress(StoreAway):
            await self._look()
        await self._leases.round()
        loops = (self._leases.run, self._scribe.keep, self._scribe.run, self._look_again, self._pruning.run)
        self._loops = [asyncio.create_task(_forever(loop), name=f"hub-{loop.__name__}") for loop in loops]

    def declare(self, declared: Config) -> None:
        """Another configuration: what was spent stays spent."""
        self.roster.declare(declared)
        self._leases.outage = declared.outage
        self._pruning.keep_s = declared.ledger_keep
        self._lease_ahead()

    async def end(self) -> None:
        """Write everything down and give back what was lent, once; what the store does not take stays in the spool."""
        if self._ended:
            return
        self._ended = True
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        settled = await self._settled()
        self._spool.close(remove=settled)
        if self._redis is not None:
            await self._redis.end()
        await self.store.end()

    @property
    def health(self) -> Health:
        """For health endpoints and metrics."""
        return Health(
            backlog_bytes=self._spool.backlog,
            spool_problem=self._spool.problem,
            full=self._spool.full,
            ledger_away_since=self._scribe.away_since,
            budgets_away_since=self._leases.away_since,
            under_way=self.accounts.under_way,
        )

    async def look(self) -> None:
        """Learn of changed keys now, as after one was issued here. Raises `StoreAway`."""
        keys = await self.store.keys(self.roster.change)
        teams = await self.store.teams(self.roster.team_change)  # after them: a key may name one that was made just now
        if keys or teams:
            self.roster.learn(keys, teams)
            self._lease_ahead()

    async def used(self, meters: Iterable[Meter]) -> dict[Meter, int]:
        """What all hubs have used of each, in the window of the moment: what others have used is known a second late.

        Raises `StoreAway`.
        """
        now = time.time()
        slices = {meter: meter.roll(now) if now >= meter.slice.ends else meter.slice for meter in meters}
        told = await self.store.spent_in(part.counter for part in slices.values())
        for part in slices.values():
            by = told.setdefault(part.counter, {})
            by[self._spool.holder] = max(part.spent, by.get(self._spool.holder, 0))
        return {meter: sum(told[part.counter].values()) for meter, part in slices.items()}

    async def silent(self) -> dict[str, float]:
        """Processes that ended without giving back what they were lent -> when they were last heard of, in seconds
        since 1970. Raises `StoreAway`."""
        now = time.time()
        return {name: seen for name, seen in (await self._budgets.holders()).items() if seen < now - LIVE_S}

    async def forget(self, holder: str) -> None:
        """Take back what a process was lent whose disk will never be seen again: what it had spent since it last said
        so is not counted. Raises `StoreAway`."""
        await self._budgets.close(holder, {})

    async def _settled(self) -> bool:
        try:
            async with asyncio.timeout(END_S):
                await self._scribe.flush()
                if self.accounts.under_way:
                    return False
                await self._leases.give_back()
        except (StoreAway, TimeoutError):
            return False
        return True

    async def _look(self) -> None:
        if not self._connected:
            await self.store.begin()
            self._connected = True
        await self.look()
        for spool in recovery.dead(self._folder):
            if (recovered := await recovery.recover(spool, self.store, self._budgets)) is not None:
                self.recovered.append(recovered)
        if time.monotonic() > self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_S
            await self.store.tidy()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(StoreAway):
                await self._look()

    def _lease_ahead(self) -> None:
        now = time.time()
        for meter in self.roster.changed()[:MOST_AHEAD]:
            self._leases.changed.add(meter.roll(now) if now >= meter.slice.ends else meter.slice)


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    """A fault in one of the loops must not end it: requests would go on and nothing would be written any more."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("a loop of the accounts failed, and begins again")
            await asyncio.sleep(LOOK_S)
