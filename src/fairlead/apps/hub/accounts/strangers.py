"""Keys that this process does not know: looked for in the store once, so that a new key works at once on every replica.

No database stands before a key that is known. One look serves all who wait for it, and looks have `GAP_S` between them,
however many keys are tried. A key that was not found is not looked for again for a while, and a store that does not
answer in time is left alone as long; whoever can't be helped is refused at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable

from fairlead.apps.hub.accounts.keys import PREFIX
from fairlead.apps.hub.accounts.stores import StoreAway

GAP_S = 0.1
PATIENCE_S = 1.0
"""For one look."""
REMEMBERED_S = 1.0
"""That a key was not there, or the store away: until the store is looked through anyhow."""
MOST_REMEMBERED = 10_000
MOST_WAITING = 500
LONGEST = 200
"""Bytes of what may be a key."""

Then = Callable[[], object]

log = logging.getLogger(__name__)


class Strangers:
    """Of one process. `look` learns what is new in the store."""

    def __init__(self, look: Callable[[], Awaitable[None]], now: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._now = now
        self._waiting: list[tuple[bytes, Then]] = []
        self._unknown: dict[bytes, float] = {}
        """Hashes of keys that were not there, the oldest first, and until when that is remembered."""
        self._away_until = 0.0
        self._next_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    def wait(self, secret: bytes, then: Then) -> bool:
        """Look for a key, and then do it, whether it was there or not; `False`: that would be of no use."""
        now = self._now()
        if not secret.startswith(PREFIX.encode()) or len(secret) > LONGEST:
            return False
        hashed = hashlib.sha256(secret).digest()
        if now < self._away_until or now < self._unknown.get(hashed, 0.0) or len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting.append((hashed, then))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._serve(), name="hub-strangers")
        return True

    async def end(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _serve(self) -> None:
        while self._waiting:
            await asyncio.sleep(max(0.0, self._next_at - self._now()))
            waiting, self._waiting = self._waiting, []  # who comes from here on may have a newer key
            try:
                await self._looked()
            finally:
                self._answer(waiting)

    async def _looked(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._look()
        except (StoreAway, TimeoutError):
            self._away_until = self._now() + REMEMBERED_S
        except Exception:
            log.exception("looking for a key that is not known failed")
            self._away_until = self._now() + REMEMBERED_S
        self._next_at = self._now() + GAP_S

    def _answer(self, waiting: list[tuple[bytes, Then]]) -> None:
        loop, until = asyncio.get_running_loop(), self._now() + REMEMBERED_S
        for hashed, then in waiting:
            self._unknown.pop(hashed, None)
            self._unknown[hashed] = until  # one that was found is not asked for here
            loop.call_soon(then)
        while len(self._unknown) > MOST_REMEMBERED:
            del self._unknown[next(iter(self._unknown))]
