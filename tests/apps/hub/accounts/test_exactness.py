"""However reservations, settlements, rounds, kills and lapses follow each other: never more than the limit."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fairlead.apps.hub import config
from fairlead.apps.hub.accounts import recovery
from fairlead.apps.hub.accounts.accounts import Accounts
from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.keys import Account, Keyring
from fairlead.apps.hub.accounts.leases import Leases
from fairlead.apps.hub.accounts.recovery import Recovered
from fairlead.apps.hub.accounts.roster import Roster
from fairlead.apps.hub.accounts.scribe import Scribe
from fairlead.apps.hub.accounts.spool.spool import Spool
from fairlead.kit.clock import FakeClock

from .conftest import SECRET, declared, entry
from .twins import Book, Purse

MOST = 1_000
"""Nano-dollars."""


@dataclass
class Process:
    """One hub: all real, but for the stores."""

    name: str
    folder: Path
    declared: config.Config
    purse: Purse
    book: Book
    clock: FakeClock
    holds: list[Hold] = field(default_factory=list)

    def __post_init__(self) -> None:
        keyring = Keyring()
        roster = Roster(keyring)
        roster.declare(self.declared)
        self.spool = Spool(self.folder, self.name, size=4096)
        self.leases = Leases(self.purse, self.name, clock=self.clock)
        self.accounts = Accounts(keyring, self.leases, self.spool)
        self.scribe = Scribe(self.spool, self.book, self.accounts.carry, clock=self.clock)
        account = self.accounts.admit(SECRET.encode())
        assert isinstance(account, Account)
        self.account = account
        self.leases.changed.update(meter.slice for meter in roster.meters)

    def round(self) -> None:
        """Of leases."""
        asyncio.run(self.leases.round())

    def reserve(self, cost: int) -> None:
        """A request begins, if it may."""
        outcome = self.accounts.reserve(self.account, "parrot", 0, cost, self.clock.wall())
        if isinstance(outcome, Hold):
            self.holds.append(outcome)


class Town(RuleBasedStateMachine):
    """Three processes on one machine, that are killed now and then."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.purse, self.book, self.clock = Purse(), Book(), FakeClock()
        self.config = declared({"usd": MOST / 1e9, "per": "ever"}, {"requests": "100000/24h"})
        self.count = 0
        self.processes = [self.born() for _ in range(3)]
        self.settled: dict[str, int] = {}
        """What every answered request cost."""
        self.killed: dict[str, int] = {}
        """What those under way had reserved when their process was killed."""
        self.over = 0
        """By how much requests cost more than they had reserved."""

    def born(self) -> Process:
        self.count += 1
        folder = Path(self.folder.name)
        return Process(f"p{self.count}", folder, self.config, self.purse, self.book, self.clock)

    which = some.integers(0, 2)

    @rule(which=which, cost=some.integers(1, 300))
    def reserve(self, which: int, cost: int) -> None:
        self.processes[which].reserve(cost)

    @rule(which=which, index=some.integers(0, 50), cost=some.integers(0, 400))
    def settle(self, which: int, index: int, cost: int) -> None:
        process = self.processes[which]
        if process.holds:
            hold = process.holds.pop(index % len(process.holds))
            process.accounts.settle(hold, entry(cost))
            self.settled[hold.id] = cost
            self.over += max(0, cost - hold.needs[2])

    @rule(which=which, index=some.integers(0, 50))
    def release(self, which: int, index: int) -> None:
        process = self.processes[which]
        if process.holds:
            process.accounts.release(process.holds.pop(index % len(process.holds)))

    @rule(which=which)
    def round(self, which: int) -> None:
        self.processes[which].round()

    @rule(which=which)
    def ship(self, which: int) -> None:
        if not self.book.away:
            asyncio.run(self.processes[which].scribe.flush())

    @rule()
    def the_store_goes_and_comes(self) -> None:
        self.purse.away = self.book.away = not self.purse.away

    @rule(seconds=some.sampled_from([0.1, 1.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        asyncio.run(self.clock.advance(seconds))

    @rule(which=which)
    def kill(self, which: int) -> None:
        process = self.processes[which]
        process.spool.close(remove=False)
        self.killed |= {hold.id: hold.needs[2] for hold in process.holds}
        self.processes[which] = self.born()

    @precondition(lambda self: not self.purse.away)
    @rule()
    def recover(self) -> None:
        for spool in recovery.dead(Path(self.folder.name)):
            assert isinstance(asyncio.run(recovery.recover(spool, self.book, self.purse)), Recovered)

    @invariant()
    def never_more_than_the_limit(self) -> None:
        if not hasattr(self, "processes"):
            return
        held = sum(hold.needs[2] for process in self.processes for hold in process.holds)
        assert sum(self.settled.values()) + sum(self.killed.values()) + held <= MOST + self.over

    def teardown(self) -> None:
        if not hasattr(self, "processes"):
            return
        self.purse.away = self.book.away = False
        for which in range(3):
            self.kill(which)
        self.recover()
        asyncio.run(_all_of([self.processes[which].leases.round for which in range(3)]))
        answered = {row.id: row.cost_nano for row in self.book.rows.values() if row.status}
        unknown = {row.id: row.cost_nano for row in self.book.rows.values() if not row.status}
        assert answered == self.settled
        assert unknown == self.killed
        counter = "key|alice|money|ever|*@all"
        if counter in self.purse.totals:
            assert self.purse.totals[counter].spent == sum(answered.values()) + sum(unknown.values())
        for process in self.processes:
            process.spool.close(remove=True)
        self.folder.cleanup()


async def _all_of(works: list[Callable[[], object]]) -> None:
    for work in works:
        await work()  # type: ignore[misc] # coroutines


TestTown = Town.TestCase
TestTown.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
