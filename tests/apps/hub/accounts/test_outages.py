"""Stores that go away, and come back: requests go on, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.accounts.office import Office
from fairlead.apps.hub.accounts.stores import StoreAway
from fairlead.apps.hub.accounts.usage import usage
from fairlead.apps.hub.calls import Failure

from .conftest import MakeOffice, RedisServer, declared, entry, obtained, until

MOST = {"requests": "100/24h"}


async def served(office: Office, most: int) -> int:
    """How many of so many requests are answered."""
    count = 0
    for _ in range(most):
        outcome = await obtained(office)
        if isinstance(outcome, Hold):
            office.accounts.settle(outcome, entry(1))
            count += 1
    return count


@pytest.mark.needs_redis
async def test_what_was_lent_is_served_while_redis_is_away_and_no_more(
    opens: MakeOffice, redis_server: RedisServer
) -> None:
    """By default: exact. Once it is back, the rest is."""
    office = await opens(declared(MOST), budgets=redis_server.url)
    redis_server.stop()
    first = await served(office, 200)
    assert 30 <= first < 100
    failure = await obtained(office)
    assert isinstance(failure, Failure)
    assert (failure.status, failure.code) == (503, "budget_store_away")
    assert office.health.budgets_away_since is not None
    redis_server.start()
    await until(lambda: office.health.budgets_away_since is None)
    rest = 0
    while first + rest < 100:
        rest += await served(office, 10)
    assert await served(office, 20) == 0
    await until(lambda: not office.health.backlog_bytes)
    assert (await usage(office.store))[0].requests == 100


@pytest.mark.needs_redis
async def test_on_request_everything_is_served_and_charged_later(opens: MakeOffice, redis_server: RedisServer) -> None:
    """`outage: serve`: more than the limit, while nobody can say what the limit leaves."""
    office = await opens(declared(MOST, outage="serve"), budgets=redis_server.url)
    redis_server.stop()
    assert await served(office, 1) == 1
    while office.health.budgets_away_since is None:
        await served(office, 1)
    assert await served(office, 150) == 150
    redis_server.start()
    await until(lambda: office.health.budgets_away_since is None)
    while await served(office, 1):
        pass
    failure = await obtained(office)
    assert isinstance(failure, Failure)
    assert failure.status == 429


@pytest.mark.needs_redis
async def test_a_redis_that_forgot_everything_is_told_what_was_spent(
    opens: MakeOffice, redis_server: RedisServer
) -> None:
    """By those who are there, and from the durable store for those who are not."""
    gone = await opens(declared(MOST), budgets=redis_server.url)
    stays = await opens(declared(MOST), budgets=redis_server.url)
    total = await served(gone, 30) + await served(stays, 10)
    await gone.end()
    redis_server.stop()
    redis_server.start()
    await until(lambda: stays.health.budgets_away_since is None)
    while total < 100:
        total += await served(stays, 10)
    assert total == 100
    assert await served(stays, 20) == 0


async def test_requests_wait_in_the_spool_while_the_ledger_is_away(
    opens: MakeOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are written once when it is back."""
    office = await opens(declared())

    async def away(*_: object) -> None:
        raise StoreAway("told to be")

    with monkeypatch.context() as patch:
        patch.setattr(office.store, "write", away)
        assert await served(office, 50) == 50
        await until(lambda: office.health.ledger_away_since is not None)
        assert office.health.backlog_bytes
        assert not office.health.well
    await until(lambda: not office.health.backlog_bytes)
    assert (await usage(office.store))[0].requests == 50
    assert office.health.well


async def test_a_hub_ends_with_everything_written_and_its_slices_given_back(opens: MakeOffice, tmp_path: Path) -> None:
    """The next one finds all that is left."""
    office = await opens(declared(MOST))
    assert await served(office, 40) == 40
    await office.end()
    assert not list((tmp_path / "spools").iterdir())
    following = await opens(declared(MOST))
    assert (await usage(following.store))[0].requests == 40
    total = 40
    while total < 100:
        total += await served(following, 10)
    assert await served(following, 10) == 0


async def test_a_hub_without_its_store_begins_all_the_same(opens: MakeOffice, tmp_path: Path) -> None:
    """Keys without limits are served; the store is asked again."""
    (tmp_path / "hub.db").mkdir()
    office = await opens(declared())
    assert await served(office, 5) == 5
    (tmp_path / "hub.db").rmdir()
    await until(lambda: office.health.well and not office.health.backlog_bytes)
    assert (await usage(office.store))[0].requests == 5
