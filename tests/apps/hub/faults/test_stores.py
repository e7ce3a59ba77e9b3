"""A whole hub whose stores go away and come back, and whose disk is full: answers go on, and nothing is lost."""

from __future__ import annotations

import asyncio
import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.apps.hub.accounts.conftest import RedisServer
from tests.apps.hub.faults.conftest import Way
from tests.apps.hub.faults.hostile import Hostile, listening
from tests.apps.hub.faults.town import MODEL, Town, running
from tests.apps.hub.wire.sockets import until

from fairlead.apps.hub.accounts.usage import usage

SECRET = "sk-fl-" + "made-up-for-tests"
KEY = f"Bearer {SECRET}"


def said(port: int, **limit: Any) -> dict[str, Any]:
    """One provider, one key."""
    key = {"sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "limits": [limit] if limit else []}
    provider = {"kind": "openai", "url": f"http://127.0.0.1:{port}/v1"}
    return {"providers": {"far": provider}, "models": {"m": f"far/{MODEL}"}, "keys": {"alice": key}, "open": False}


async def statuses(town: Town, count: int) -> list[int]:
    """Of so many calls, half of them streams."""
    told = await asyncio.gather(
        *(town.asks("m", stream=bool(number % 2), authorization=KEY) for number in range(count))
    )
    assert all(one.is_whole for one in told if one.status == 200)
    return [one.status for one in told]


@pytest.mark.needs_postgres
async def test_requests_go_on_while_postgres_is_away_and_are_in_the_ledger_once_it_is_back(
    tmp_path: Path, postgres_way: tuple[Way, str]
) -> None:
    """Each once, though its connection was cut amid everything."""
    way, url = postgres_way
    async with listening(Hostile()) as far, running(tmp_path, said(far.port), store=url) as town:
        assert await statuses(town, 20) == [200] * 20
        await way.cut()
        assert await statuses(town, 20) == [200] * 20
        await until(lambda: town.hub.office.health.ledger_away_since is not None)
        assert await statuses(town, 20) == [200] * 20
        await way.open()
        await until(lambda: town.hub.office.health.well and not town.hub.office.health.backlog_bytes)

        (total,) = await usage(town.hub.office.store)
        assert (total.requests, total.cost_nano) == (60, 60 * (10 * 150 + 5 * 600))
        assert len(far.asked) == 60
        await town.is_quiet()


@pytest.mark.needs_redis
async def test_what_was_lent_is_served_while_redis_is_away_and_never_more_than_the_limit(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """Then 503 in the client's protocol, until it is back."""
    limit = {"requests": "60/24h"}
    async with (
        listening(Hostile()) as far,
        running(tmp_path, said(far.port, **limit), budgets=redis_server.url) as town,
    ):
        first = (await statuses(town, 5)).count(200)
        redis_server.stop()
        first += (await statuses(town, 100)).count(200)
        assert 5 < first < 60
        refused = await town.asks("m", authorization=KEY)
        assert (refused.status, refused.error["code"]) == (503, "budget_store_away")
        redis_server.start()
        await until(lambda: town.hub.office.health.budgets_away_since is None)
        while (more := (await statuses(town, 10)).count(200)) or first < 60:
            first += more

        assert first == 60 == len(far.asked)
        await until(lambda: not town.hub.office.health.backlog_bytes)
        assert (await usage(town.hub.office.store))[0].requests == 60
        await town.is_quiet()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk without room: the kernel refuses what is larger."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_requests_go_on_while_there_is_no_room_for_the_spool(tmp_path: Path) -> None:
    """Kept in memory, told by the health page, and in the ledger all the same."""
    with files_of_at_most(1024 * 1024):
        async with listening(Hostile()) as far, running(tmp_path, said(far.port)) as town:
            assert town.hub.office.health.spool_problem == "File too large"
            assert await statuses(town, 20) == [200] * 20
            assert not town.hub.office.health.well

            assert len(await town.ledger()) == 20
            await town.is_quiet()
