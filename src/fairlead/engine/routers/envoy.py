"""The router that carries real requests: Envoy, told what to do through files and asked over its admin socket.

Envoy goes on by its files when Fairlead is gone, and one that is started again serves the same routing from them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from fairlead.engine.router import Answer, Routing, Traffic
from fairlead.engine.routers import certificates, observing
from fairlead.engine.routers.admin import Admin, exactly
from fairlead.engine.routers.answers import answers
from fairlead.engine.routers.config import Config, config
from fairlead.engine.routers.files import Files
from fairlead.engine.routers.lease import Tenure
from fairlead.engine.routers.lease_fallback import without_lease
from fairlead.engine.routers.mover import FREED_WITHIN_S, Mover
from fairlead.engine.routers.names import ClusterName
from fairlead.engine.routers.program import House, Program, bare
from fairlead.engine.runtime import Runtime
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock


class EnvoyRouter:
    """An Envoy for one stack, started through the runtime as the instance `router-envoy`."""

    name = "envoy"

    def __init__(
        self,
        folder: Path,
        runtime: Runtime,
        *,
        clock: Clock,
        socket_dir: Path,
        concurrency: int = 2,
        house: House = bare,
    ) -> None:
        self._files = Files(folder.absolute())
        socket = socket_dir.absolute() / "envoy-admin.sock"
        self._admin = Admin(socket)
        self._program = Program(self._files, runtime, clock, socket, concurrency, house)
        self._mover = Mover(self._files, self._admin, self._program, clock)
        self._runtime, self._clock = runtime, clock
        self._tenure = Tenure(self._files.folder, runtime, clock)
        self._changing = asyncio.Lock()
        self._wanted: tuple[str, Config] | None = None
        self._refusals: dict[str, RouterError] = {}

    async def start(self) -> None:
        """Start Envoy, or find it running already."""
        await self._tenure.begin()
        await self._program.start(self._admin)

    async def ended(self) -> None:
        """Return once Envoy no longer runs."""
        await self._program.ended()

    async def stop(self) -> None:
        """End Envoy; every connection through it ends."""
        await self._program.stop()
        await self._tenure.end()

    async def close(self) -> None:
        """Let go of it; Envoy goes on."""
        await self._admin.close()

    async def alive(self) -> bool:
        """Whether Envoy answers and serves."""
        return await self._admin.ready()

    async def apply(self, routing: Routing) -> str:
        """Lead Envoy from what it serves to `routing`, stage by stage.

        When Envoy turns it down, what was served before stays, and `confirm` says why.
        """
        wanted = config(routing, self._files.folder)
        revision = wanted.revision
        patience_s = max((upstream.policy.health.timeout_s for upstream in routing.upstreams), default=0.0)
        async with self._changing:
            self._refusals.pop(revision, None)
            try:
                certificates.check(routing)
                await self._lead_to(wanted, routing, patience_s)
            except RouterError as error:
                self._refusals[revision] = error
            self._wanted = (revision, wanted)
        return revision

    async def _lead_to(self, wanted: Config, routing: Routing, patience_s: float) -> None:
        fallback = config(without_lease(routing), self._files.folder)
        async with self._tenure.changing(routing.lease, wanted, fallback) as hold:
            whole = await self._mover.lead_to(wanted, patience_s, hold)
        if not whole:
            await self._mover.served(wanted, FREED_WITHIN_S)

    async def renew(self) -> bool:
        """Hold the lease for another while; the watchdog is started again if it is gone."""
        return await self._tenure.renew()

    async def confirm(self, revision: str, *, timeout_s: float = 10.0) -> None:
        """Return once Envoy serves by that revision. Raises `RouterError`, with Envoy's own words, if it does not."""
        if revision in self._refusals:
            raise self._refusals[revision]
        await self._mover.served(self._of(revision), timeout_s)

    async def healthy(self, upstream: str, version: str) -> frozenset[str]:
        """The instances that pass the checks and are not draining."""
        service, _, port = upstream.rpartition(".")
        hosts = await self._admin.hosts(exactly(str(ClusterName(service, version, port))))
        return frozenset(host.instance for host in hosts if host.healthy)

    async def in_flight(self, service: str, *, version: str | None = None, instance: str | None = None) -> int:
        """Requests, streams, upgraded and TCP connections under way, and those waiting for a connection."""
        if instance is not None:
            hosts = await self._admin.hosts(observing.clusters(service, version))
            return sum(host.in_flight for host in hosts if host.instance == instance)
        stats = await self._admin.stats(observing.under_way(service, version))
        return sum(stats.numbers.values())

    async def observe(self) -> Mapping[tuple[str, str], Traffic]:
        """Counters since Envoy started (a restart begins at zero), and what is under way."""
        clusters = (self._wanted[1] if self._wanted else self._files.load()).clusters
        return observing.traffic(await self._admin.stats(observing.PASSED), observing.bare(clusters))

    def answers(self, since: float) -> AsyncIterator[Answer]:
        """What the access log tells, less than a second after the end of each request."""
        return answers(self._runtime, self._clock, since)

    def _of(self, revision: str) -> Config:
        if self._wanted and self._wanted[0] == revision:
            return self._wanted[1]
        found = self._files.load()
        if found.revision != revision:
            raise RouterError(f"revision {revision} is not what the router was last given")
        return found
