"""The router is kept true to what is wanted, and kept alive."""

from __future__ import annotations

import pytest

from fairlead.engine.guard import RouterGuard
from fairlead.engine.router import Backend, Endpoint, Routing, Upstream
from fairlead.engine.routers.memory import MemoryRouter
from fairlead.engine.saying import silent
from fairlead.engine.switchboard import Switchboard
from fairlead.errors import RouterError
from fairlead.kit.clock import FakeClock


def serving(version: str) -> Routing:
    """A routing in which one version of `notes` has all requests."""
    backend = Backend(version, 100.0, (Endpoint(f"notes-{version}-1", "127.0.0.1", 20001),))
    return Routing(upstreams=(Upstream("notes", "http", "http", 20000, (backend,)),))


class Wanted:
    """What is wanted now; tests set it."""

    def __init__(self) -> None:
        self.routing = serving("v1")

    def __call__(self) -> Routing:
        return self.routing


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def router(clock: FakeClock) -> MemoryRouter:
    router = MemoryRouter(clock)
    await router.start()
    return router


async def test_a_change_is_served_soon_after_it_is_noticed(clock: FakeClock, router: MemoryRouter) -> None:
    """Without anybody waiting for it."""
    wanted = Wanted()
    board = Switchboard(router, clock, wanted)
    board.begin()
    board.touch()
    await clock.advance(0.1)
    assert router.send("notes.http").version == "v1"
    wanted.routing = serving("v2")
    board.touch()
    await clock.advance(0.1)
    assert router.send("notes.http").version == "v2"
    await board.end()


async def test_waiting_for_it_returns_when_it_is_served(clock: FakeClock, router: MemoryRouter) -> None:
    """And applies nothing twice."""
    board = Switchboard(router, clock, Wanted())
    await board.routed()
    await board.routed()
    assert len(router.history) == 1


async def test_a_refusal_is_told_and_tried_again(clock: FakeClock, router: MemoryRouter) -> None:
    """The words are kept for `status` until it is served."""
    board = Switchboard(router, clock, Wanted())
    router.refuse("cannot bind port 80")
    board.begin()
    board.touch()
    await clock.advance(0.1)
    assert "cannot bind port 80" in str(board.problem)
    await clock.advance(1)
    assert board.problem is None
    assert router.send("notes.http").version == "v1"

    router.refuse("no")
    wanted = Switchboard(router, clock, lambda: serving("v3"))
    with pytest.raises(RouterError, match="no"):
        await wanted.routed()
    await board.end()


async def test_a_router_that_dies_is_started_again_and_told_what_is_wanted(
    clock: FakeClock, router: MemoryRouter
) -> None:
    """By its guard, at once."""
    wanted = Wanted()
    board = Switchboard(router, clock, wanted)
    guard = RouterGuard(router, board, clock, silent)
    await guard.begin()
    board.begin()
    await board.routed()
    router.die()
    wanted.routing = serving("v2")
    await clock.advance(1)
    assert await router.alive()
    assert router.send("notes.http").version == "v2"
    await guard.end()
    await board.end()


async def test_a_guard_that_takes_over_starts_what_does_not_run(clock: FakeClock) -> None:
    """After a reboot, say."""
    router = MemoryRouter(clock)
    board = Switchboard(router, clock, Wanted())
    guard = RouterGuard(router, board, clock, silent)
    guard.take_over()
    await clock.advance(0.1)
    assert await router.alive()
    await guard.end()
