"""Time as a seam: the system's clock, and a twin that the tests turn by hand.

Intervals are measured with `monotonic`, which no change of the wall clock can bend; `wall` is for records only.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """What the engine asks of time."""

    def wall(self) -> float:
        """Seconds since the epoch: for records that people read, never for measuring."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds of `monotonic` have gone by."""


class SystemClock:
    """The machine's own clock."""

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FakeClock:
    """A clock that stands still until `advance` is awaited; sleepers wake in order."""

    def __init__(self, start: float = 1_000.0, wall: float = 1_700_000_000.0) -> None:
        self._now = start
        self._wall_offset = wall - start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._tickets = itertools.count()

    def wall(self) -> float:
        return self._now + self._wall_offset

    def monotonic(self) -> float:
        return self._now

    def set_wall(self, wall: float) -> None:
        """Move the wall clock, as an administrator or NTP would; `monotonic` does not notice."""
        self._wall_offset = wall - self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._tickets), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let `seconds` go by, waking each sleeper at its own moment and letting its task run."""
        end = self._now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, moment)
            if not future.done():
                future.set_result(None)
            await self._settle()
        self._now = end

    @staticmethod
    async def _settle(rounds: int = 50) -> None:
        """Let every ready task run until it waits again."""
        for _ in range(rounds):
            await asyncio.sleep(0)
