"""Which shares hold only while somebody judges them, and whether somebody does.

The router ends a lease when this engine is gone or hangs. Here it is ended when only the judgement of one service does:
the engine then routes that service by its fallback. So it does, too, for what the journal says is leased and nobody has
taken up yet, which is how things stand when an engine comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Mirrored
from fairlead.engine.router import Lease, Router
from fairlead.engine.saying import Say
from fairlead.engine.switchboard import Switchboard
from fairlead.errors import RouterError
from fairlead.kit.background import Background
from fairlead.kit.clock import Clock

LEASE_S = 10.0
"""How long shares outlive the last renewal: a few looks of the judge (2 s), and little harm done meanwhile."""


class Leasing:
    """The leases of all services of one engine."""

    def __init__(self, book: FleetBook, router: Router, switchboard: Switchboard, clock: Clock, say: Say) -> None:
        self._book = book
        self._router = router
        self._switchboard = switchboard
        self._clock = clock
        self._say = say
        self._until: dict[str, float] = {}
        self._broken: set[str] = set()
        self._taken = asyncio.Event()
        self._watching = Background("leases")

    def take(self, service: str) -> None:
        """Hold what the journal says is leased of a service; whoever calls has the routing applied."""
        self._until[service] = self._clock.monotonic() + LEASE_S
        self._broken.discard(service)
        self._taken.set()
        self._watching.begin(self._watch)

    def drop(self, service: str) -> None:
        """Nothing of a service is leased any more."""
        self._until.pop(service, None)
        self._broken.discard(service)

    async def renew(self, service: str) -> bool:
        """Hold the shares and copies of a service for another while.

        `False` when they were not in force all the time since the last call. They are taken anew then, and are in force
        again if the router can be told so at once; if not, it goes on being tried.
        """
        if service not in self._book.fallbacks():
            return False
        held = self.holds(service) and service not in self._broken
        self.take(service)
        whole = await self._router.renew()
        if held and whole:
            return True
        if not whole:
            self._broken |= self._until.keys() - {service}
        self._switchboard.forget()
        with contextlib.suppress(RouterError):
            await self._switchboard.routed()
        return False

    def holds(self, service: str) -> bool:
        """Whether somebody has taken the lease of a service, and renewed it in time."""
        return self._clock.monotonic() < self._until.get(service, 0.0)

    def shares(self, service: str) -> Mapping[str, float]:
        """What a service is to be routed by now."""
        fallback = None if self.holds(service) else self._book.fallbacks().get(service)
        return self._book.shares(service) if fallback is None else fallback

    def mirror(self, service: str) -> Mirrored | None:
        """The copies that a version of a service is to get now."""
        return self._book.mirrors().get(service) if self.holds(service) else None

    @property
    def lease(self) -> Lease | None:
        """What the router is to fall back to when this engine is gone."""
        held = {service: shares for service, shares in self._book.fallbacks().items() if self.holds(service)}
        return Lease(LEASE_S, held) if held else None

    async def end(self) -> None:
        """Watch no longer; what is leased lapses."""
        await self._watching.end()
        self._until.clear()
        self._taken.clear()

    async def _watch(self) -> None:
        while await self._taken.wait():
            self._taken.clear()
            while self._until:
                await self._clock.sleep(min(self._until.values()) - self._clock.monotonic())
                for service in [service for service in self._until if not self.holds(service)]:
                    self._lapsed(service)

    def _lapsed(self, service: str) -> None:
        del self._until[service]
        if (fallback := self._book.fallbacks().get(service)) is not None:
            who = ", ".join(fallback) or "no version"
            self._say("warning", service, f"not judged for {LEASE_S:g} s: until it is again, {who} has all requests")
            self._switchboard.touch()
