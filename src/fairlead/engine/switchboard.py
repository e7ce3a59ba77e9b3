"""Keeps the router serving by what the fleet says: one writer, the newest routing wins, every revision confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fairlead.engine.router import Router, Routing
from fairlead.errors import RouterError
from fairlead.kit.background import Background
from fairlead.kit.clock import Clock

RETRY_S = 0.5
"""Pause after the router refused or did not answer, before the routing is handed over again."""


class Switchboard:
    """Applies the routing again whenever something changed, and lets others wait until it is served."""

    def __init__(self, router: Router, clock: Clock, wanted: Callable[[], Routing]) -> None:
        self._router = router
        self._clock = clock
        self._wanted = wanted
        self._dirty = asyncio.Event()
        self._turn = asyncio.Lock()
        self._serving: Routing | None = None
        self._following = Background("switchboard")
        self.problem: str | None = None

    def begin(self) -> None:
        """Follow changes from now on."""
        self._following.begin(self._follow)

    def touch(self) -> None:
        """Something changed; the routing is worked out and applied soon."""
        self._dirty.set()

    def forget(self) -> None:
        """The router was started anew: what it served before counts for nothing."""
        self._serving = None
        self.touch()

    async def routed(self) -> None:
        """Return once the router serves by what is wanted now. Raises `RouterError`."""
        async with self._turn:
            wanted = self._wanted()
            if wanted == self._serving:
                return
            self._serving = None
            await self._router.confirm(await self._router.apply(wanted))
            self._serving = wanted
            self.problem = None

    async def end(self) -> None:
        """Follow no longer; the router goes on as it is."""
        await self._following.end()

    async def _follow(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self.routed()
            except RouterError as error:
                self.problem = error.message
                await self._clock.sleep(RETRY_S)
                self._dirty.set()
