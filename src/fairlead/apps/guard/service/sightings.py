"""Writes down what was judged, in the background: a second later, all of it in one transaction, digests only."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

from fairlead.apps.guard.service.storage import StoreAway
from fairlead.apps.guard.service.storage.rows import Sighting
from fairlead.apps.guard.service.storage.store import Store

EVERY_S = 1.0
MOST = 100_000
"""That wait while the store is away; more are lost, and counted."""
FORGET_EVERY_S = 3600.0

log = logging.getLogger(__name__)


class Sightings:
    """Of one process."""

    def __init__(self, store: Store, keep_s: float) -> None:
        self._store = store
        self._keep_s = keep_s
        self._waiting: Counter[Sighting] = Counter()
        self._forgot = 0.0
        self._alone = asyncio.Lock()
        self.lost = 0
        self.up = True

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, one: Sighting) -> None:
        """Note it."""
        if len(self._waiting) < MOST or one in self._waiting:
            self._waiting[one] += 1
        else:
            self.lost += 1

    def holds(self, digest: str) -> bool:
        """Whether a value is among those that wait."""
        return any(one.digest == digest for one in self._waiting)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.flush()
            await self._forget()

    async def flush(self) -> None:
        """Write down what waits; what can't be waits on."""
        async with self._alone:
            taken, self._waiting = self._waiting, Counter()
            if not taken:
                return
            try:
                await self._store.saw(_one_each(taken))
            except StoreAway as away:
                self._keep(taken)
                if self.up:
                    log.warning("what was judged can't be written down: %s", away)
                self.up = False
            else:
                self.up = True

    def _keep(self, taken: Counter[Sighting]) -> None:
        room = MOST - len(self._waiting)
        for one, count in taken.items():
            if room <= 0 and one not in self._waiting:
                self.lost += count
                continue
            self._waiting[one] += count
            room -= 1

    async def _forget(self) -> None:
        now = time.time()
        if now < self._forgot + FORGET_EVERY_S:
            return
        self._forgot = now
        try:
            await self._store.forget(now - self._keep_s)
        except StoreAway:
            self._forgot = 0.0  # the next second tries again


def _one_each(taken: Counter[Sighting]) -> dict[Sighting, int]:
    """One for a value, a version and a trial: the last one, with the count of all."""
    last: dict[tuple[str, str, str], Sighting] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for one, count in taken.items():
        name = (one.digest, one.version, one.trial)
        last[name] = one
        counts[name] += count
    return {one: counts[name] for name, one in last.items()}
