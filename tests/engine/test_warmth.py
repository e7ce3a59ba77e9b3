"""How long a version stays warm, whatever the wall clock does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fairlead.engine.journal import Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Warm
from fairlead.engine.saying import Say, silent
from fairlead.engine.warmth import Warmth
from fairlead.kit.clock import FakeClock


class Stopped(list[tuple[str, str]]):
    """Stands where versions are drained, and remembers which; `slow` ones never finish."""

    slow: str | None = None

    async def down_to(self, service: str, version: str, count: int, drain_s: float, say: Say) -> None:
        if version == self.slow:
            await asyncio.get_running_loop().create_future()
        self.append((service, version))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def book(tmp_path: Path) -> FleetBook:
    return FleetBook(Journal(tmp_path / "journal.db"))


def watching(book: FleetBook, clock: FakeClock, stopped: Stopped) -> Warmth:
    """A watch over what the book says."""
    warmth = Warmth(book, stopped, clock, lambda name: None, silent)
    warmth.begin()
    return warmth


async def test_a_version_is_stopped_when_its_time_is_over(book: FleetBook, clock: FakeClock) -> None:
    """And not before."""
    stopped = Stopped()
    book.keep_warm(Warm("notes", "v1", clock.wall(), 60.0))
    warmth = watching(book, clock, stopped)
    await clock.advance(59)
    assert stopped == []
    await clock.advance(2)
    assert stopped == [("notes", "v1")]
    assert book.warm() == []
    await warmth.end()


@pytest.mark.parametrize("jump_s", [-86_400.0, 86_400.0])
async def test_a_wall_clock_that_jumps_changes_nothing(book: FleetBook, clock: FakeClock, jump_s: float) -> None:
    """An administrator or NTP sets it, by a day, back or forth."""
    stopped = Stopped()
    book.keep_warm(Warm("notes", "v1", clock.wall(), 60.0))
    warmth = watching(book, clock, stopped)
    await clock.advance(10)
    clock.set_wall(clock.wall() + jump_s)
    await clock.advance(45)
    assert stopped == []
    await clock.advance(10)
    assert stopped == [("notes", "v1")]
    await warmth.end()


async def test_a_clock_set_back_while_nobody_watched_delays_the_end_at_most_by_the_whole_time(
    book: FleetBook, clock: FakeClock
) -> None:
    """What is left is never more than what was given."""
    stopped = Stopped()
    book.keep_warm(Warm("notes", "v1", clock.wall(), 60.0))
    clock.set_wall(clock.wall() - 86_400.0)
    warmth = watching(book, clock, stopped)
    await clock.advance(61)
    assert stopped == [("notes", "v1")]
    await warmth.end()


async def test_the_time_goes_on_while_the_engine_is_away(book: FleetBook, clock: FakeClock) -> None:
    """What had gone by is taken off."""
    stopped = Stopped()
    book.keep_warm(Warm("notes", "v1", clock.wall() - 50.0, 60.0))
    warmth = watching(book, clock, stopped)
    await clock.advance(11)
    assert stopped == [("notes", "v1")]
    await warmth.end()


async def test_a_version_that_serves_again_is_left_alone(book: FleetBook, clock: FakeClock) -> None:
    """A rollback cools nothing."""
    stopped = Stopped()
    book.keep_warm(Warm("notes", "v1", clock.wall(), 60.0))
    warmth = watching(book, clock, stopped)
    await clock.advance(30)
    book.cool("notes", "v1")
    await clock.advance(120)
    assert stopped == []
    await warmth.end()


async def test_one_that_drains_for_long_does_not_keep_others_running(book: FleetBook, clock: FakeClock) -> None:
    """Ten releases in a row leave one version warm, not ten."""
    stopped = Stopped()
    stopped.slow = "v1"
    for number in range(1, 5):
        book.keep_warm(Warm("notes", f"v{number}", clock.wall(), 300.0))
    warmth = watching(book, clock, stopped)
    await clock.advance(2)
    assert sorted(stopped) == [("notes", "v2"), ("notes", "v3")]
    await warmth.end()
