"""Starts the router again when it ends by itself: it comes back by its own files, then with the newest routing."""

from __future__ import annotations

import itertools

from fairlead.engine.router import Router
from fairlead.engine.saying import Say
from fairlead.engine.switchboard import Switchboard
from fairlead.errors import FairleadError
from fairlead.kit.background import Background
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
        self._keeping = Background("router guard")

    async def begin(self) -> None:
        """Start the router and keep it alive from now on. Raises what the first start raises."""
        if not self._keeping.begun:
            await self._router.start()
            self._keeping.begin(self._keep)

    def take_over(self) -> None:
        """Keep the router alive from now on, started or not: what went wrong before must not keep the engine away."""
        self._keeping.begin(self._from_the_start)

    async def end(self) -> None:
        """Guard it no longer; it goes on."""
        await self._keeping.end()

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
