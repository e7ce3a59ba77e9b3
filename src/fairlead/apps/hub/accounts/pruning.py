"""Deletes what has stood in the ledger for long enough: few at a time, so that nobody waits for it.

Several hubs on one store may do it at once; what one has deleted the other does not find.
"""

from __future__ import annotations

from fairlead.apps.hub.accounts.stores import Ledger, StoreAway
from fairlead.kit.clock import Clock, SystemClock

STEP = 1000
"""Requests deleted in one transaction: some milliseconds."""
PAUSE_S = 0.1
"""Between two steps, for those who write; so 10,000 requests a second can be deleted, more than a hub serves."""
LOOK_S = 600.0
"""Between two looks when there was nothing more, or the store is away."""


class Pruning:
    """`keep_s` may change at any time; 0: nothing is deleted."""

    def __init__(self, ledger: Ledger, keep_s: float = 0.0, clock: Clock | None = None) -> None:
        self.keep_s = keep_s
        self._ledger = ledger
        self._clock = clock or SystemClock()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._clock.sleep(PAUSE_S if await self.step() else LOOK_S)

    async def step(self) -> bool:
        """Whether there may be more."""
        if not self.keep_s:
            return False
        try:
            return await self._ledger.prune(self._clock.wall() - self.keep_s, STEP) == STEP
        except StoreAway:
            return False
