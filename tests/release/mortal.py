"""A book and a stage whose user may die at any instant, or be refused at any call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairlead.errors import RouterError
from fairlead.kit.clock import Clock
from fairlead.release.book import MemoryBook
from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.memory import MemoryStage
from fairlead.release.runner import run
from fairlead.release.steps import Change, Judge, Outcome

if TYPE_CHECKING:
    from tests.release.conftest import Town


class Killed(BaseException):
    """The process is gone; nothing of it runs any more."""


class Fate:
    """Decides at each instant what happens there: a kill, a failure, or nothing."""

    def __init__(self, kill_at: int | None = None, fail_at: frozenset[int] = frozenset()) -> None:
        self.instants = 0
        self.calls = 0
        self._kill_at = kill_at
        self._fail_at = fail_at

    def instant(self) -> None:
        self.instants += 1
        if self.instants == self._kill_at:
            raise Killed

    def call(self) -> None:
        self.calls += 1
        if self.calls in self._fail_at:
            raise RouterError(f"call {self.calls} was refused")


class MortalBook:
    """A book whose writer may die before or after each write."""

    def __init__(self, book: MemoryBook, fate: Fate) -> None:
        self._book = book
        self._fate = fate

    def read(self) -> Release:
        return self._book.read()

    def save(self, release: Release) -> None:
        self._fate.instant()
        self._book.save(release)
        self._fate.instant()

    def write(self, entry: Entry) -> None:
        self._fate.instant()
        self._book.write(entry)
        self._fate.instant()

    def observe(self, record: Mapping[str, Any]) -> None:
        self._fate.instant()
        self._book.observe(record)
        self._fate.instant()

    def observations(self) -> list[dict[str, Any]]:
        return self._book.observations()


class MortalStage:
    """A stage whose caller may die, or be refused, before or after each effect."""

    def __init__(self, stage: MemoryStage, fate: Fate) -> None:
        self._stage = stage
        self._fate = fate

    def _before(self) -> None:
        self._fate.instant()
        self._fate.call()

    async def counts(self, service: str) -> Mapping[str, int]:
        return await self._stage.counts(service)

    async def shares(self, service: str) -> Mapping[str, float]:
        return await self._stage.shares(service)

    async def scale(self, service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        self._before()
        await self._stage.scale(service, version, count, drain_s=drain_s)
        self._fate.instant()

    async def shift(self, service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        self._before()
        await self._stage.shift(service, shares, leased=leased)
        self._fate.instant()

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        self._before()
        outcome = await self._stage.watch(service, version, seconds)
        self._fate.instant()
        return outcome

    async def mirror(self, service: str, version: str, sample: float) -> None:
        self._before()
        await self._stage.mirror(service, version, sample)
        self._fate.instant()

    async def judge(self, step: Judge, unit: Mapping[str, Change]) -> Outcome:
        self._before()
        outcome = await self._stage.judge(step, unit)
        self._fate.instant()
        return outcome

    async def hook(self, service: str, version: str, moment: str) -> None:
        self._before()
        await self._stage.hook(service, version, moment)
        self._fate.instant()

    async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
        self._before()
        await self._stage.retire(service, version, count, warm_s)
        self._fate.instant()


async def lives(book: MemoryBook, stage: MemoryStage, clock: Clock, fate: Fate) -> Release | None:
    """One life of an engine: the release it ended with, or `None` when it was killed, and its leases lapsed."""
    try:
        return await run(MortalBook(book, fate), MortalStage(stage, fate), clock)
    except Killed:
        stage.lapse()
        return None


async def ended(book: MemoryBook, town: Town, fates: list[Fate]) -> Release:
    """One life after another, and then one that nothing happens to."""
    for fate in [*fates, Fate()]:
        release = await lives(book, town.stage, town.clock, fate)
        if release is not None:
            return release
    raise AssertionError("a life without a kill has an end")
