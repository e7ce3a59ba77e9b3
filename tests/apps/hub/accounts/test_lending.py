"""Lending, and that every store lends as the pure function says."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fairlead.apps.hub.accounts.stores import Budgets, Statement, opening, redis, sql_budgets
from fairlead.apps.hub.accounts.stores.lending import Share, Total, closed, lend

from .twins import Purse

KINDS = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.needs_postgres),
    pytest.param("redis", marks=pytest.mark.needs_redis),
]

counts = some.integers(0, 1_000)


@given(others=counts, share=some.builds(Share, counts, counts), most=counts, keep=counts, need=counts)
def test_what_is_lent_never_goes_beyond_the_limit(others: int, share: Share, most: int, keep: int, need: int) -> None:
    """Whatever was there before: a statement that raises a share stays within it."""
    total = Total(others + share.taken, share.spent)
    loan = lend(total, share, Statement("c", 0.0, most, share.spent, keep, max(keep, share.spent) + need), holders=3)
    assert loan.share.granted == keep or loan.total.taken <= most
    assert loan.total.taken == others + loan.share.taken


def test_slices_shrink_with_what_is_left_down_to_single_requests() -> None:
    """Half of an equal share at a time."""
    granted, slices = 0, []
    total, share = Total(0, 0), Share(0, 0)
    while granted < 100:
        loan = lend(total, share, Statement("c", 0.0, 100, granted, granted, granted + 1), holders=3)
        slices.append(loan.answer.granted - granted)
        total, share, granted = loan.total, loan.share, loan.answer.granted
    assert slices[0] == 17
    assert slices == sorted(slices, reverse=True)
    assert slices[-1] == 1


def test_a_process_that_is_over_has_taken_what_it_spent() -> None:
    """The rest is there for the others."""
    assert closed(Total(taken=70, spent=20), Share(50, 10), 12) == (Total(32, 22), Share(12, 12))


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Budgets]:
    """Budgets of each kind; of Redis with what was spent in SQLite too."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else f"sqlite:{tmp_path / 'hub.db'}"
    sql = opening.store(url)
    await sql.begin()
    if request.param == "redis":
        budgets = opening.redis(request.getfixturevalue("redis_server").url, sql)
        yield budgets
        await budgets.end()
    else:
        yield sql
    await sql.end()


async def test_every_store_lends_as_the_function_says(store: Budgets) -> None:
    """The same random life of three processes, in the store and in memory, has the same answers."""
    twin, chance, tag = Purse(), random.Random(7), uuid.uuid4().hex
    counters = [f"key|{tag}|money|month|*@{number}" for number in range(4)]
    granted: dict[tuple[str, str], int] = {}
    spent: dict[tuple[str, str], int] = {}
    for holder in ("a", "b", "c"):
        await store.exchange(f"{tag}{holder}", [], joined=False)
        await twin.exchange(f"{tag}{holder}", [], joined=False)
    for _ in range(120):
        holder = tag + chance.choice("abc")
        statements = [_random(chance, name, granted.get((name, holder), 0), spent.get((name, holder), 0))
                      for name in chance.sample(counters, 2)]  # fmt: skip
        told, expected = [await one.exchange(holder, statements, joined=True) for one in (store, twin)]
        assert [one[:2] for one in told.answers] == [one[:2] for one in expected.answers]
        assert told.answers == expected.answers
        for one, answer in zip(statements, told.answers, strict=True):
            granted[one.counter, holder], spent[one.counter, holder] = answer.granted, one.spent
    for holder in ("a", "b"):
        for each in (store, twin):
            await each.close(tag + holder, {counters[0]: 90_000})
        assert await store.spent(f"{tag}c") == await twin.spent(f"{tag}c")
    last = [Statement(name, 4e9, 10**6, 0, 0, 0) for name in counters]
    assert (await store.exchange(f"{tag}d", last, joined=False)).answers == [
        lend(twin.totals[one.counter], Share(0, 0), one, 2).answer for one in last
    ]


def _random(chance: random.Random, counter: str, granted: int, spent: int) -> Statement:
    spent += chance.randrange(0, 300)
    keep = granted if chance.random() < 0.7 else max(spent, granted // 2)
    return Statement(counter, 4e9, 10_000, spent, keep, max(keep, spent) + chance.choice([0, 0, 10, 500, 5_000]))


async def test_what_was_spent_is_known_of_every_process(store: Budgets) -> None:
    """For whoever settles its spool."""
    tag = uuid.uuid4().hex
    await store.exchange(tag, [Statement(f"{tag}@x", 4e9, 100, 7, 9, 9)], joined=False)
    assert await store.spent(tag) == {f"{tag}@x": 7}
    assert await store.spent("nobody") == {}


async def test_processes_are_known_until_they_are_over(store: Budgets) -> None:
    """So that one that never comes back can be forgotten, and what it was lent is lent again."""
    tag = uuid.uuid4().hex
    for holder in ("a", "b"):
        await store.exchange(holder, [Statement(f"{tag}@x", 4e9, 100, 0, 60 * (holder == "a"), 0)], joined=False)
    assert set(await store.holders()) == {"a", "b"}
    await store.close("a", {})
    assert set(await store.holders()) == {"b"}
    told = await store.exchange("b", [Statement(f"{tag}@x", 4e9, 100, 0, 0, 100)], joined=True)
    assert told.answers[0].granted == 100


async def test_requests_under_way_of_a_silent_process_lapse_and_nothing_else_does(
    store: Budgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead process has no request under way; what it spent nobody knows yet."""
    for module in (sql_budgets, redis):
        monkeypatch.setattr(module, "LIVE_S", 0.05)
    tag = uuid.uuid4().hex
    counters = [f"{tag}@now", f"{tag}@2026-11"]
    await store.exchange("dead", [Statement(name, 4e9, 10, 0, 10, 10) for name in counters], joined=False)
    asking = [Statement(name, 4e9, 10, 0, 0, 10) for name in counters]
    while (told := await store.exchange("b", asking, joined=False)).answers[0].granted < 10:  # noqa: ASYNC110 - time itself is waited for
        await asyncio.sleep(0.02)
    assert [one.granted for one in told.answers] == [10, 0]
