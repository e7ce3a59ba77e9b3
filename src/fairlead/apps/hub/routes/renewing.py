"""Keeps short-lived tokens fresh: the first before anybody asks, each next before the last one ends."""

from __future__ import annotations

import asyncio
import logging

from fairlead.apps.hub.providers import Keeper, Unready
from fairlead.apps.hub.routes.table import Table

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""After a failure."""


class Renewing:
    """Of all logins of the table in force."""

    def __init__(self) -> None:
        self._loops: dict[Keeper, asyncio.Task[None]] = {}

    async def keep(self, table: Table) -> None:
        """These keepers, and no others. A token that can't be had is tried again beside; its key is asked nothing."""
        wanted = {lane.keeper for host in table.hosts.values() for lane in host.lanes if lane.keeper is not None}
        for keeper in [one for one in self._loops if one not in wanted]:
            self._loops.pop(keeper).cancel()
        new = [keeper for keeper in wanted if keeper not in self._loops]
        waits = await asyncio.gather(*(_renewed(keeper) for keeper in new))
        for keeper, wait in zip(new, waits, strict=True):
            self._loops[keeper] = asyncio.create_task(_on(keeper, wait), name="hub-renew")

    async def end(self) -> None:
        """No more of them."""
        for loop in self._loops.values():
            loop.cancel()
        await asyncio.gather(*self._loops.values(), return_exceptions=True)
        self._loops.clear()


async def _on(keeper: Keeper, wait: float) -> None:
    while True:
        await asyncio.sleep(wait)
        wait = await _renewed(keeper)


async def _renewed(keeper: Keeper) -> float:
    try:
        return await keeper.renew()
    except Unready as error:
        log.warning("a token could not be renewed: %s", error)
        return AGAIN_S
