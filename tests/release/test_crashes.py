"""Kills at every instant, failures at every call, and both together: one version ends with all requests, always.

A kill falls before or after every write to the book and every effect on the stack. What carries on afterwards knows
only the book and the stack, as an engine does that has just come up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.errors import RouterError
from fairlead.kit.clock import Clock
from fairlead.release.book import MemoryBook
from fairlead.release.entry import Entry
from fairlead.release.history import Release
from fairlead.release.memory import MemoryStage
from fairlead.release.runner import run
from fairlead.release.steps import Outcome
from fairlead.release.strategies import STRATEGIES

if TYPE_CHECKING:
    from tests.release.conftest import Town

EVERY = STRATEGIES.names()
STOPS_FIRST = {"recreate"}
POLICY: dict[str, Any] = {"has_migration": True, "has_before": True, "has_after": True, "watch_s": 0.5}

STORIES: dict[str, Callable[[MemoryStage], None]] = {
    "good": lambda stage: None,
    "sick": lambda stage: stage.sick.update(v2="it failed"),
    "never ready": lambda stage: stage.unready.update(v2="connection refused"),
    "failing last hook": lambda stage: stage.failing_hooks.update(after="notify ended with 1"),
    "failing migration": lambda stage: stage.failing_hooks.update({"migrate": "column exists"}),
}


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

    async def shift(self, service: str, shares: Mapping[str, float]) -> None:
        self._before()
        await self._stage.shift(service, shares)
        self._fate.instant()

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        self._before()
        outcome = await self._stage.watch(service, version, seconds)
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
    """One life of an engine: the release it ended with, or `None` when it was killed."""
    try:
        return await run(MortalBook(book, fate), MortalStage(stage, fate), clock)
    except Killed:
        return None


async def ended(book: MemoryBook, town: Town, fates: list[Fate]) -> Release:
    """One life after another, and then one that nothing happens to."""
    for fate in [*fates, Fate()]:
        release = await lives(book, town.stage, town.clock, fate)
        if release is not None:
            return release
    raise AssertionError("a life without a kill has an end")


def agrees(release: Release, book: MemoryBook, town: Town) -> None:
    """The record is closed and says what is true."""
    assert not book.read().open
    assert book.read() == release
    running = {version for version, count in town.stage.instances.items() if count and version not in town.stage.warm}
    if release.state == "succeeded":
        assert town.serves == "v2"
        refused = any(entry.outcome and "problem" in entry.outcome.details for entry in release.steps)
        assert running == ({"v1", "v2"} if refused else {"v2"})
        assert [entry.state for entry in release.steps] == ["done"] * len(release.steps)
        assert town.stage.hooks.count("migrate-down") == 0
    else:
        assert release.state == "taken back"
        assert town.serves == "v1"
        assert running == {"v1"}
        assert town.stage.instances["v1"] == 3
        migrated = [entry for entry in release.steps if entry.step.__class__.__name__ == "RunHook"]
        assert not migrated or migrated[0].state != "done"


async def instants_of(strategy: str, story: str, new_town: Callable[[], Town]) -> int:
    """How many instants there are to be killed at, when nobody is."""
    town, fate = new_town(), Fate()
    STORIES[story](town.stage)
    await lives(town.book(strategy, **POLICY), town.stage, town.clock, fate)
    return fate.instants


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("strategy", EVERY)
async def test_a_kill_at_any_instant_leaves_one_version_with_all_requests(
    strategy: str, story: str, new_town: Callable[[], Town]
) -> None:
    """Killed once, at each instant in turn; on its return the engine ends what it had begun."""
    total = await instants_of(strategy, story, new_town)
    assert total > 5
    for kill_at in range(1, total + 1):
        town = new_town()
        STORIES[story](town.stage)
        book = town.book(strategy, **POLICY)
        agrees(await ended(book, town, [Fate(kill_at)]), book, town)
        assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("story", ["good", "sick"])
@pytest.mark.parametrize("strategy", EVERY)
async def test_a_second_kill_during_the_return_changes_nothing(
    strategy: str, story: str, new_town: Callable[[], Town]
) -> None:
    """Killed twice, at every pair of instants: the second falls into what the first had left to do, or to undo."""
    total = await instants_of(strategy, story, new_town)
    for first in range(1, total + 1, 3):
        for second in range(1, total - first + 4):
            town = new_town()
            STORIES[story](town.stage)
            book = town.book(strategy, **POLICY)
            agrees(await ended(book, town, [Fate(first), Fate(second)]), book, town)
            assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("strategy", EVERY)
async def test_a_call_that_fails_anywhere_takes_the_release_back_or_does_not_matter(
    strategy: str, new_town: Callable[[], Town]
) -> None:
    """Each call on the stack refused in turn, and a kill at each instant of the way back that follows."""
    town, fate = new_town(), Fate()
    await lives(town.book(strategy, **POLICY), town.stage, town.clock, fate)
    for fail_at in range(1, fate.calls + 1):
        for kill_at in [None, *range(2 * fail_at, 2 * fail_at + 40, 3)]:
            town = new_town()
            book = town.book(strategy, **POLICY)
            agrees(await ended(book, town, [Fate(kill_at, frozenset({fail_at}))]), book, town)
            assert strategy in STOPS_FIRST or town.unserved_moments == 0


@pytest.mark.parametrize("strategy", EVERY)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.sampled_from(sorted(STORIES)),
    kills=st.lists(st.integers(1, 60), max_size=4),
    failures=st.frozensets(st.integers(1, 30), max_size=12),
)
async def test_whatever_goes_wrong_requests_find_somebody(
    strategy: str, story: str, kills: list[int], failures: frozenset[int], new_town: Callable[[], Town]
) -> None:
    """Many kills and many failures, on both ways: then not all can be undone, but every request finds somebody."""
    town = new_town()
    STORIES[story](town.stage)
    book = town.book(strategy, **POLICY)
    release = await ended(book, town, [Fate(kill_at, failures) for kill_at in kills] + [Fate(None, failures)])

    assert not release.open
    if strategy not in STOPS_FIRST:
        assert town.unserved_moments == 0
        assert sum(town.stage.holds.values()) == pytest.approx(100)
    if release.state != "failed":
        agrees(release, book, town)


@pytest.mark.parametrize("strategy", [name for name in EVERY if name not in STOPS_FIRST])
async def test_a_router_that_refuses_for_good_leaves_requests_where_they_are(
    strategy: str, new_town: Callable[[], Town]
) -> None:
    """The way back can't be taken: the new version, sick or not, is all that requests have, and it is left running."""
    town = new_town()
    town.stage.sick["v2"] = "it failed"
    town.stage.failing_hooks["after"] = "notify ended with 1"
    book = town.book(strategy, **POLICY)
    shifts = 0

    class Stuck(MemoryStage):
        async def shift(self, service: str, shares: Mapping[str, float]) -> None:
            nonlocal shifts
            shifts += 1
            if shares.get("v1") == 100:
                raise RouterError("the router does not answer")
            await super().shift(service, shares)

        async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
            raise RouterError("the router does not answer")

    stuck = Stuck(**{name: getattr(town.stage, name) for name in town.stage.__dataclass_fields__})
    release = await run(book, stuck, town.clock)

    assert all(moment.served for moment in stuck.moments)
    assert stuck.instances["v2"] > 0
    if strategy == "rollback":
        assert release.state == "succeeded"
    else:
        assert release.state == "failed"
        assert "v2 still holds requests and goes on running" in (release.reason or "")
        assert "v2 may still use what the migration has made" in (release.reason or "")
