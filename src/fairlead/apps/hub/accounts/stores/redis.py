"""Budgets in Redis, for hubs on several machines: lending by Lua scripts, so that every round is one step.

Redis may forget (a restart without its append-only file, an eviction). What was spent therefore stands in the SQL store
as well, a second late at most, and a counter that Redis does not know is put there from it before anything is lent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from fairlead.apps.hub.accounts.limits import CONCURRENT_ENDS
from fairlead.apps.hub.accounts.stores import Answer, Answers, Statement, StoreAway, lua
from fairlead.apps.hub.accounts.stores.sql_budgets import KEPT_S, LIVE_S, WANTED_S, SqlBudgets

ANSWER_S = 2.0
QUIET_S = 2.0
"""After it has forgotten everything, nothing is lent for so long: every process states what it still has first."""
AGAIN_S = 5.0
"""When the SQL store is asked again, after it did not answer."""
NOTED_S = 1.0
"""How often what was spent is put down in the SQL store."""


class RedisBudgets:
    """Budgets, with a durable copy of what was spent."""

    def __init__(self, url: str, durable: SqlBudgets, *, prefix: str = "{fairlead-hub}:") -> None:
        # no socket_timeout: with it the client waits by asyncio.wait_for, which in Python 3.11 can lose a cancellation
        self._redis = Redis.from_url(url, socket_timeout=None, socket_connect_timeout=ANSWER_S)
        self._durable = durable
        self._prefix = prefix
        self._scripts = {
            text: self._redis.register_script(text)
            for text in (lua.EXCHANGE, lua.SEED, lua.CLOSE, lua.SPENT, lua.HOLDERS)
        }
        self._unnoted: dict[str, tuple[float, int]] = {}
        self._noted_at = 0.0
        self._noting: asyncio.Task[None] | None = None
        self._durable_from = 0.0

    async def exchange(self, holder: str, statements: Sequence[Statement], *, joined: bool) -> Answers:
        told = await self._exchange(holder, statements, joined=joined)
        unknown = [one for one, answer in zip(statements, told[1], strict=True) if answer == [b"unknown"]]
        if unknown:
            await self._seed(unknown, lost=told[0] == b"1")
            again = await self._exchange(holder, statements, joined=True)
            told = [told[0], again[1], again[2]]
        self._note(holder, statements)
        answers = [Answer(int(granted), int(ceiling), unspent == b"1") for granted, ceiling, unspent in told[1]]
        return Answers(answers, frozenset(counter.decode() for counter in told[2]), told[0] == b"1")

    async def close(self, holder: str, spent: Mapping[str, int]) -> None:
        known = {counter: count for counter, count in spent.items() if count}
        await self._durable.note(holder, {counter: (inf, count) for counter, count in known.items()})
        await self._run(lua.CLOSE, [holder, *(word for item in spent.items() for word in item)])

    async def spent(self, holder: str) -> dict[str, int]:
        found = await self._run(lua.SPENT, [holder])
        here = {name.decode(): int(count) for name, count in zip(found[::2], found[1::2], strict=True)}
        there = await self._durable.spent(holder)
        return {name: max(here.get(name, 0), there.get(name, 0)) for name in here.keys() | there.keys()}

    async def holders(self) -> dict[str, float]:
        found = await self._run(lua.HOLDERS, [])
        return {name.decode(): int(seen) / 1000 for name, seen in zip(found[::2], found[1::2], strict=True)}

    async def end(self) -> None:
        """Let go of it."""
        if self._noting is not None:
            await self._noting
        await self._redis.aclose()

    async def _exchange(self, holder: str, statements: Sequence[Statement], *, joined: bool) -> list[Any]:
        words: list[Any] = [holder, LIVE_S, WANTED_S, int(joined), round(QUIET_S * 1000)]
        for one in statements:
            words += [one.counter, _expires(one.ends), one.most, one.spent, one.keep, one.floor, _kind(one.counter)]
        return cast("list[Any]", await self._run(lua.EXCHANGE, words))

    async def _seed(self, statements: Sequence[Statement], *, lost: bool) -> None:
        """Counters that are new here, or were forgotten."""
        known = await self._known([one.counter for one in statements], lost=lost)
        words: list[Any] = []
        for one in statements:
            for holder, spent in [("", 0), *known.get(one.counter, {}).items()]:
                words += [one.counter, _expires(one.ends), holder, spent]
        await self._run(lua.SEED, words)

    async def _known(self, counters: list[str], *, lost: bool) -> dict[str, dict[str, int]]:
        """While the SQL store is away, counters count as new, unless Redis has just forgotten what it knew."""
        if time.monotonic() < self._durable_from and not lost:
            return {}
        try:
            return await self._durable.spent_in(counters)
        except StoreAway:
            self._durable_from = time.monotonic() + AGAIN_S
            if lost:
                raise
            return {}

    def _note(self, holder: str, statements: Iterable[Statement]) -> None:
        self._unnoted |= {one.counter: (one.ends, one.spent) for one in statements if one.spent}
        idle = self._noting is None or self._noting.done()
        if self._unnoted and idle and time.monotonic() >= self._noted_at + NOTED_S:
            self._noted_at = time.monotonic()
            noting, self._unnoted = self._unnoted, {}
            self._noting = asyncio.create_task(self._put_down(holder, noting), name="hub-noting")

    async def _put_down(self, holder: str, spent: dict[str, tuple[float, int]]) -> None:
        try:
            await self._durable.note(holder, spent)
        except StoreAway:
            self._unnoted = spent | self._unnoted

    async def _run(self, script: str, words: list[Any]) -> Any:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await cast("Awaitable[Any]", self._scripts[script](keys=[self._prefix], args=words))
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreAway(f"redis: {type(error).__name__}") from error


def _expires(ends: float) -> str:
    """When a counter may go, in milliseconds since 1970."""
    return "" if ends == inf else str(round((ends + KEPT_S) * 1000))


def _kind(counter: str) -> int:
    """2: lapses with time, and is never seeded."""
    return 2 if counter.endswith(CONCURRENT_ENDS) else 0
