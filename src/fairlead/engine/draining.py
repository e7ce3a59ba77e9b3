"""How instances leave: no new request, the ones under way finish, then they are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fairlead.engine.fleet import Fleet
from fairlead.engine.keeper import Keeper
from fairlead.engine.router import Router
from fairlead.engine.saying import Say
from fairlead.errors import RouterError

POLL_S = 0.05
"""Time between two looks at the requests under way."""

Routed = Callable[[], Awaitable[None]]
"""Returns once the router serves by what the fleet says now."""


class Drain:
    """Takes instances out of a fleet without cutting what they carry."""

    def __init__(self, fleet: Fleet, router: Router, routed: Routed) -> None:
        self._fleet = fleet
        self._router = router
        self._routed = routed

    async def down_to(self, service: str, version: str, count: int, drain_s: float, say: Say) -> None:
        """Keep `count` instances of a version at most; those not ready leave first, then the youngest."""
        staying = [keeper for keeper in self._fleet.of(service, version) if not keeper.instance.leaving]
        staying.sort(key=lambda keeper: (keeper.report.ready, -keeper.instance.created))
        self._fleet.part_with(staying[: max(0, len(staying) - count)])
        await self.finish(service, version, drain_s, say)

    async def finish(self, service: str, version: str, drain_s: float, say: Say) -> None:
        """Drain, stop and forget every instance of a version that is leaving (again, after a crash)."""
        leaving = [keeper for keeper in self._fleet.of(service, version) if keeper.instance.leaving]
        if not leaving:
            return
        await self._routed()
        await asyncio.gather(*(self._one(keeper, drain_s, say) for keeper in leaving))
        self._fleet.forget(leaving)
        await self._routed()

    async def _one(self, keeper: Keeper, drain_s: float, say: Say) -> None:
        clock = self._fleet.tools.clock
        began = told = clock.monotonic()
        while (now := clock.monotonic()) - began < drain_s and (under_way := await self._under_way(keeper)):
            if now - told >= 1.0:
                told = now
                say(
                    "progress",
                    keeper.instance.service,
                    f"draining {keeper.instance.id}: {under_way} requests under way",
                )
            await clock.sleep(POLL_S)
        await keeper.end()

    async def _under_way(self, keeper: Keeper) -> int:
        try:
            return await self._router.in_flight(keeper.instance.service, instance=keeper.instance.id)
        except RouterError:
            return 0  # with no router there are no requests through it
