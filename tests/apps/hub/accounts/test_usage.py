"""Questions to the ledger have the same answers in every store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead.apps.hub.accounts.entries import Row
from fairlead.apps.hub.accounts.stores import opening
from fairlead.apps.hub.accounts.stores.sql import SqlStore
from fairlead.apps.hub.accounts.usage import requests, usage

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def row(id: str, *, key: str = "alice", model: str = "parrot", day: int = 0, **more: Any) -> Row:
    """A request at noon, so many days later."""
    started = NOON.timestamp() + day * 86_400
    fields: dict[str, Any] = {
        "id": id, "key": key, "digest": "0" * 12, "team": None, "model": model, "provider": "echo", "target": model,
        "operation": "chat", "status": 200, "started": started, "first": None, "ended": started + 1, "input": 10,
        "output": 2, "cached": 0, "written": 0, "reasoning": 0, "more": None, "cost_nano": 5, "estimated": False,
        "day": int(started // 86_400),
    }  # fmt: skip
    return Row(**fields | more)


ROWS = [
    row("1"),
    row("2", model="gull", team="blue"),
    row("3", key="bob", day=1, estimated=True),
    row("4", key="bob", day=2, status=0, cost_nano=2**40),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
async def ledger(request: pytest.FixtureRequest) -> AsyncIterator[SqlStore]:
    """With these rows, written twice."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else "sqlite::memory:"
    store = opening.store(url)
    await store.begin()
    await store.begin()
    await store.write(ROWS)
    await store.write(ROWS[2:])
    yield store
    await store.end()


async def test_sums_are_by_what_is_asked_for(ledger: SqlStore) -> None:
    """By key; by day and model; of all."""
    assert [(one.group["key"], one.requests, one.cost_nano) for one in await usage(ledger)] == [
        ("alice", 2, 10), ("bob", 2, 2**40 + 5),
    ]  # fmt: skip
    found = await usage(ledger, ("day", "model"))
    assert [(one.group["day"], one.group["model"], one.input) for one in found] == [
        ("2026-11-20", "gull", 10), ("2026-11-20", "parrot", 10), ("2026-11-21", "parrot", 10),
        ("2026-11-22", "parrot", 10),
    ]  # fmt: skip
    [everything] = await usage(ledger, ())
    assert (everything.requests, everything.unknown, everything.estimated, everything.output) == (4, 1, 1, 8)


async def test_sums_are_by_the_hour_and_come_in_pages(ledger: SqlStore) -> None:
    """A request in the last second of an hour belongs to it, in every store."""
    late = NOON.timestamp() + 3599.9
    await ledger.write([row("5", started=late, ended=late + 3), row("6", started=NOON.timestamp() + 3600)])
    found = await usage(ledger, ("hour",), until=NOON.replace(day=21))
    assert [(one.group["hour"], one.requests) for one in found] == [("2026-11-20T12", 3), ("2026-11-20T13", 1)]
    pages = [await usage(ledger, ("hour",), most=2, skip=skip) for skip in (0, 2, 4)]
    assert [[one.group["hour"] for one in page] for page in pages] == [
        ["2026-11-20T12", "2026-11-20T13"], ["2026-11-21T12", "2026-11-22T12"], [],
    ]  # fmt: skip


async def test_a_question_may_be_narrowed(ledger: SqlStore) -> None:
    """To a time, and to values."""
    [bob] = await usage(ledger, ("key",), since=NOON.replace(hour=13))
    assert bob.requests == 2
    [early] = await usage(ledger, (), until=NOON.replace(day=21))
    assert early.requests == 2
    [one] = await usage(ledger, ("team",), only={"team": "blue", "day": "2026-11-20"})
    assert (one.group, one.requests) == ({"team": "blue"}, 1)
    assert await usage(ledger, (), only={"key": "nobody"}) == []


async def test_the_latest_requests_come_first(ledger: SqlStore) -> None:
    """As they were written."""
    assert await requests(ledger, only={"key": "bob"}, most=1) == [ROWS[3]]
    assert await requests(ledger, only={"key": "bob"}, most=1, skip=1) == [ROWS[2]]


async def test_what_is_old_is_deleted_a_few_at_a_time(ledger: SqlStore) -> None:
    """By the moment it began: of the same day only what is older."""
    assert await ledger.prune(NOON.timestamp(), 10) == 0
    assert await ledger.prune(NOON.timestamp() + 86_400 + 1, 2) == 2
    assert await ledger.prune(NOON.timestamp() + 86_400 + 1, 2) == 1
    assert [one.id for one in await requests(ledger)] == ["4"]


async def test_an_unknown_dimension_is_refused(ledger: SqlStore) -> None:
    """Names of columns come from nobody else."""
    with pytest.raises(ValueError, match="expected one of key, team"):
        await usage(ledger, ("id; --",))  # type: ignore[arg-type] # what a client may send
