"""Shares and copies that hold while somebody judges them, in a whole town: lost with the judgement or the engine."""

from __future__ import annotations

from tests.daemon.conftest import Town

from fairlead.engine.leasing import LEASE_S
from fairlead.engine.router import Mirror

ALL_V2 = {"v2": 100.0}


async def with_a_share(town: Town, share: float = 25.0) -> None:
    """v2 serves; v1, still warm, is given a part of the requests under a lease."""
    await town.comes_up()
    await town.deploys("notes", set={"environment.GREETING": "bye"})
    await town.does(town.engine.stage.shift("notes", {"v2": 100 - share, "v1": share}, leased=True))


def served(town: Town) -> dict[str, float]:
    town.router.send("notes.http")
    return list(town.router.shares("notes"))[-1]


def copied(town: Town) -> Mirror | None:
    return next(upstream.mirror for upstream in town.router.routing.upstreams if upstream.service == "notes")


async def test_a_leased_share_is_served_for_as_long_as_it_is_renewed(town: Town) -> None:
    """And goes back to the version that had the most before when it is not."""
    await with_a_share(town)
    for _ in range(10):
        await town.waits(2)
        assert await town.engine.leasing.renew("notes")
    assert served(town) == {"v2": 75.0, "v1": 25.0}

    await town.waits(LEASE_S + 1)
    assert served(town) == ALL_V2
    assert "not judged for 10 s: until it is again, v2 has all requests" in town.said
    assert await town.engine.stage.shares("notes") == {"v2": 75.0, "v1": 25.0}


async def test_rising_shares_fall_back_to_the_version_before_the_first_of_them(town: Town) -> None:
    """Not to the one that had the most at last."""
    await with_a_share(town)
    await town.does(town.engine.stage.shift("notes", {"v2": 10.0, "v1": 90.0}, leased=True))
    await town.does(town.engine.stage.shift("notes", {"v2": 5.0, "v1": 95.0}, leased=True))
    await town.waits(LEASE_S + 1)
    assert served(town) == ALL_V2


async def test_the_version_to_fall_back_to_may_be_named(town: Town) -> None:
    """By a release that knows it."""
    await with_a_share(town)
    await town.does(town.engine.stage.shift("notes", {"v2": 50.0, "v1": 50.0}, leased=True, fallback="v1"))
    await town.waits(LEASE_S + 1)
    assert served(town) == {"v1": 100.0}


async def test_an_engine_that_is_lost_leaves_no_share_and_the_next_brings_none_back(town: Town) -> None:
    """Until somebody judges again; then the share is the one from before."""
    await with_a_share(town)
    await town.loses_its_engine()
    await town.does(town.engine.switchboard.routed())
    assert served(town) == ALL_V2

    assert not await town.does(town.engine.leasing.renew("notes"))
    assert served(town) == {"v2": 75.0, "v1": 25.0}
    assert await town.engine.leasing.renew("notes")


async def test_a_share_that_is_given_for_good_needs_nobody(town: Town) -> None:
    """The lease ends with it."""
    await with_a_share(town)
    await town.does(town.engine.stage.shift("notes", {"v1": 100.0}))
    await town.waits(LEASE_S * 2)
    assert served(town) == {"v1": 100.0}
    assert town.router.routing.lease is None


async def test_copies_are_made_while_they_are_judged(town: Town) -> None:
    """They are no share: all requests go where they went. Lost with an engine, they come back with a judgement."""
    await with_a_share(town)
    await town.does(town.engine.stage.shift("notes", ALL_V2))
    await town.does(town.engine.stage.mirror("notes", "v1", 20.0))
    assert copied(town) == Mirror("v1", 20.0, 10.0)
    await town.waits(LEASE_S + 1)
    assert copied(town) is None
    assert served(town) == ALL_V2

    await town.loses_its_engine()
    assert copied(town) is None
    assert not await town.does(town.engine.leasing.renew("notes"))
    assert copied(town) == Mirror("v1", 20.0, 10.0)

    await town.does(town.engine.stage.mirror("notes", "v1", 0.0))
    assert copied(town) is None
    assert town.router.routing.lease is None


async def test_a_service_that_is_stopped_is_leased_no_longer(town: Town) -> None:
    """Nor is anything of it left in the journal."""
    await with_a_share(town)
    await town.does(town.bringing.down({}, town.say))
    assert town.engine.book.fallbacks() == {}
    assert not await town.engine.leasing.renew("notes")
