"""Shares that hold only while somebody judges them, as the engine keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fairlead.engine.journal import Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Mirrored
from fairlead.engine.leasing import LEASE_S, Leasing
from fairlead.engine.router import Backend, Endpoint, Routing, Upstream
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.engine.switchboard import Switchboard
from fairlead.kit.clock import FakeClock

SERVICES = {"notes": 20000, "web": 20100}
OLD = {"v1": 100.0}
LITTLE = {"v1": 95.0, "v2": 5.0}


@dataclass
class Board:
    """A router, and an engine's part that leases."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.router = MemoryRouter(self.clock)
        self.begin()

    def begin(self) -> None:
        """An engine over whatever the journal says."""
        self.book = FleetBook(Journal(self.folder / "journal.db"))
        self.switchboard = Switchboard(self.router, self.clock, self._routing)
        self.leasing = Leasing(self.book, self.router, self.switchboard, self.clock, self._say)
        self.switchboard.begin()

    async def end(self) -> None:
        await self.leasing.end()
        await self.switchboard.end()

    async def leases(self, service: str) -> None:
        """Five percent for v2, as a release asks for it."""
        self.book.shift(service, LITTLE, OLD)
        self.leasing.take(service)
        await self.switchboard.routed()

    def served(self, service: str) -> dict[str, float]:
        """Version -> percent of the requests."""
        self.router.send(f"{service}.http")
        return list(self.router.shares(service))[-1]

    def _routing(self) -> Routing:
        return Routing(upstreams=tuple(self._upstream(name) for name in SERVICES), lease=self.leasing.lease)

    def _upstream(self, service: str) -> Upstream:
        shares = self.leasing.shares(service)
        backends = tuple(
            Backend(version, shares.get(version, 0.0), (Endpoint(f"{service}-{version}-1", "127.0.0.1", 1),))
            for version in ("v1", "v2")
        )
        return Upstream(service, "http", "http", SERVICES[service], backends)

    def _say(self, level: str, subject: str, text: str) -> None:
        self.said.append(f"{subject}: {text}")


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    """All requests go to v1."""
    board = Board(tmp_path)
    await board.router.start()
    for service in SERVICES:
        board.book.shift(service, OLD)
    yield board
    await board.end()


async def test_leased_shares_hold_for_as_long_as_they_are_renewed(board: Board) -> None:
    """Ten times as long as one lease."""
    await board.leases("notes")
    for _ in range(50):
        await board.clock.advance(LEASE_S / 5)
        assert await board.leasing.renew("notes")
    assert board.served("notes") == LITTLE


async def test_a_service_that_nobody_judges_falls_back_though_another_one_is_judged(board: Board) -> None:
    """A judgement that hangs is a lease that lapsed; the router itself goes on being told."""
    await board.leases("notes")
    await board.leases("web")
    for _ in range(6):
        await board.clock.advance(LEASE_S / 5)
        assert await board.leasing.renew("web")
    assert board.served("notes") == OLD
    assert board.served("web") == LITTLE
    assert board.said == ["notes: not judged for 10 s: until it is again, v1 has all requests"]


async def test_a_renewal_that_comes_too_late_takes_the_shares_anew_and_does_not_count(board: Board) -> None:
    """What was seen in between had other shares."""
    await board.leases("notes")
    await board.clock.advance(LEASE_S + 1)
    assert board.served("notes") == OLD
    assert not await board.leasing.renew("notes")
    assert board.served("notes") == LITTLE
    assert await board.leasing.renew("notes")


async def test_a_lease_that_lapsed_in_the_router_counts_for_no_service(board: Board) -> None:
    """The first to notice has it applied again; the others are told as well."""
    await board.leases("notes")
    await board.leases("web")
    board.router._lease_ends = board.clock.monotonic()  # as by a watchdog whose clock went on while the machine slept
    assert not await board.leasing.renew("web")
    assert board.served("web") == board.served("notes") == LITTLE
    assert not await board.leasing.renew("notes")
    assert await board.leasing.renew("web")
    assert await board.leasing.renew("notes")


async def test_without_an_engine_the_router_falls_back_by_itself(board: Board) -> None:
    """Nobody is left to tell it."""
    await board.leases("notes")
    await board.end()
    await board.clock.advance(LEASE_S - 1)
    assert board.served("notes") == LITTLE
    await board.clock.advance(1)
    assert board.served("notes") == OLD


async def test_an_engine_that_comes_back_routes_by_the_fallback_until_somebody_judges(board: Board) -> None:
    """The journal still knows the shares that were reached."""
    await board.leases("notes")
    await board.end()
    board.begin()
    await board.switchboard.routed()
    assert board.served("notes") == OLD
    assert board.book.shares("notes") == LITTLE
    assert not await board.leasing.renew("notes")
    assert board.served("notes") == LITTLE
    assert await board.leasing.renew("notes")


async def test_a_router_that_refuses_leaves_the_fallback_and_is_asked_again(board: Board) -> None:
    """A renewal says that the shares are not in force, and no more."""
    await board.leases("notes")
    await board.clock.advance(LEASE_S)
    assert board.served("notes") == OLD
    board.router.refuse("the disk is full")
    assert not await board.leasing.renew("notes")
    assert board.served("notes") == OLD
    await board.clock.advance(1)
    assert board.served("notes") == LITTLE


async def test_shares_without_a_lease_have_nothing_to_renew(board: Board) -> None:
    """Nor do they fall back."""
    await board.leases("notes")
    board.book.shift("notes", {"v2": 100.0})
    board.leasing.drop("notes")
    await board.switchboard.routed()
    assert not await board.leasing.renew("notes")
    await board.clock.advance(LEASE_S * 2)
    assert board.served("notes") == {"v2": 100.0}
    assert board.said == []


async def test_copies_are_made_while_somebody_judges_them(board: Board) -> None:
    """An engine that comes back makes none until then."""
    board.book.mirror(Mirrored("notes", "v2", 10.0), OLD)
    assert board.leasing.mirror("notes") is None
    board.leasing.take("notes")
    assert board.leasing.mirror("notes") == Mirrored("notes", "v2", 10.0)
    await board.clock.advance(LEASE_S)
    assert board.leasing.mirror("notes") is None
