"""Starts the router again when it ends by itself: it comes back by its own files, then with the newest routing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

from fairlead.engine.router import Router
from fairlead.engine.saying import Say
from fairlead.engine.switchboard import Switchboard
from fairlead.errors import FairleadError
from fairlead.kit.clock import Clock

PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses before each start of a router that does not stay up."""


class RouterGuard:
    """Keeps the router alive."""

    def __init__(self, router: Router, switchboard: Switchboard, clock: Clock, say: Say) -> None:
        self._router = router
        self._switchboard = switchboard
        self._clock = clock
        self._say = say
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start the router and keep it alive from now on. Raises what the first start raises."""
        if self._task is None:
            await self._router.start()
            self._task = asyncio.create_task(self._keep(), name="router guard")

    def take_over(self) -> None:
        """Keep the router alive from now on, started or not: what went wrong before must not keep the engine away."""
        if self._task is None:
            self._task = asyncio.create_task(self._from_the_start(), name="router guard")

    async def end(self) -> None:
        """Guard it no longer; it goes on."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _from_the_start(self) -> None:
        await self._start_again()
        self._switchboard.forget()
        await self._keep()

    async def _keep(self) -> None:
        while True:
            await self._router.ended()
            self._say("warning", "router", "the router ended by itself; starting it again")
            await self._start_again()
            self._switchboard.forget()

    async def _start_again(self) -> None:
        for pause in itertools.chain(PAUSES_S, itertools.repeat(PAUSES_S[-1])):
            await self._clock.sleep(pause)
            try:
                await self._router.start()
            except FairleadError as error:
                self._say("warning", "router", f"the router can't be started: {error.message}")
            else:
                return
