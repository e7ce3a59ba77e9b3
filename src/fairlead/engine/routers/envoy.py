"""The router that carries real requests: Envoy, told what to do through files and asked over its admin socket.

Envoy goes on by its files when Fairlead is gone, and one that is started again serves the same routing from them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from fairlead.engine.router import Routing, Traffic
from fairlead.engine.routers import certificates, observing
from fairlead.engine.routers.admin import Admin, Stats, exactly
from fairlead.engine.routers.changeover import stages
from fairlead.engine.routers.config import Config, config
from fairlead.engine.routers.files import Files
from fairlead.engine.routers.names import ClusterName
from fairlead.engine.routers.program import Program
from fairlead.engine.routers.served import ASKED, LISTENERS, Expected, plain
from fairlead.engine.runtime import Runtime
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock

POLL_S = 0.002
"""Time between two looks: a change is served after some eight milliseconds."""

STAGE_WITHIN_S = 10.0
"""How long a stage of a changeover may take: new endpoints are asked once before a version counts as warm."""

ASKED_WITHIN_S = 2.5
"""How long new endpoints may take to answer the router's first question before requests move to them all the same."""

FREED_WITHIN_S = 1.0
"""A port that was just given up may need a moment until it can be had again."""

READ_AGAIN_S = 0.1

BOOT_S = 60.0
"""What Envoy said this long ago may still be why it does not serve: it reads most of its files once, at its start."""


class EnvoyRouter:
    """An Envoy for one stack, started through the runtime as the instance `router-envoy`."""

    name = "envoy"

    def __init__(self, folder: Path, runtime: Runtime, *, clock: Clock, socket_dir: Path, concurrency: int = 2) -> None:
        self._files = Files(folder.absolute())
        self._clock = clock
        socket = socket_dir.absolute() / "envoy-admin.sock"
        self._admin = Admin(socket)
        self._program = Program(self._files, runtime, clock, socket, concurrency)
        self._changing = asyncio.Lock()
        self._wanted: tuple[str, Config] | None = None
        self._refusals: dict[str, RouterError] = {}

    async def start(self) -> None:
        """Start Envoy, or find it running already."""
        await self._program.start(self._admin)

    async def ended(self) -> None:
        """Return once Envoy no longer runs."""
        await self._program.ended()

    async def stop(self) -> None:
        """End Envoy; every connection through it ends."""
        await self._program.stop()

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
        async with self._changing:
            self._refusals.pop(revision, None)
            try:
                certificates.check(routing)
                await self._lead_to(wanted)
            except RouterError as error:
                self._refusals[revision] = error
            self._wanted = (revision, wanted)
        return revision

    async def confirm(self, revision: str, *, timeout_s: float = 10.0) -> None:
        """Return once Envoy serves by that revision. Raises `RouterError`, with Envoy's own words, if it does not."""
        if revision in self._refusals:
            raise self._refusals[revision]
        wanted = self._of(revision)
        began = self._clock.wall()
        missing = await self._until(Expected.of(wanted), timeout_s)
        if missing:
            raise await self._refusal(missing, began - BOOT_S, f"not served after {timeout_s:g} s")

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

    async def _lead_to(self, wanted: Config) -> None:
        """Write stage after stage, each when the one before is served; a dead Envoy will read them when it is back."""
        before = self._files.load()
        if not await self._serves(before):
            await self._serve(wanted)
            return
        passed = [before]
        for stage in stages(before, wanted):
            try:
                await self._serve(stage)
            except RouterError:
                self._go_back(passed)
                raise
            passed.append(stage)

    def _go_back(self, passed: list[Config]) -> None:
        """Envoy reads files in the order they were written, so going back needs no waiting."""
        with contextlib.suppress(RouterError):
            for stage in reversed(passed):
                self._files.save(stage)

    async def _serves(self, found: Config) -> bool:
        """Whether Envoy is there, and what the files hold is no half of something that it turned down."""
        if not await self.alive():
            return False
        return self._wanted is not None or not await self._until(Expected.of(found), FREED_WITHIN_S)

    async def _serve(self, stage: Config) -> None:
        """Write one stage and wait until it is served; raises `RouterError` if it is turned down."""
        if not await self.alive():
            self._files.save(stage)
            return
        baseline, began = await self._admin.stats(ASKED), self._clock.wall()
        self._files.save(stage)
        expected = Expected.of(stage)
        missing = await self._until(expected, STAGE_WITHIN_S, baseline)
        if missing and await self.alive():
            raise await self._refusal(missing, began, f"not served after {STAGE_WITHIN_S:g} s")
        await self._until_asked()

    async def _until(self, expected: Expected, timeout_s: float, baseline: Stats | None = None) -> list[str]:
        """What is still missing when the time is up, or what was refused; empty once all is served."""
        began = read = self._clock.monotonic()
        while True:
            try:
                stats = await self._admin.stats(ASKED)
            except RouterError:
                stats = None
                if baseline:
                    return ["router"]
            missing = expected.missing(stats) if stats else ["router"]
            now = self._clock.monotonic()
            if not missing or now - began >= timeout_s:
                return missing
            refused = expected.refused(baseline, stats) if baseline and stats else []
            if refused and (refused != [LISTENERS] or now - began > FREED_WITHIN_S):
                return refused
            if LISTENERS in missing and now - read > READ_AGAIN_S:
                read = now
                self._files.touch("lds.json")
            await self._clock.sleep(POLL_S)

    async def _until_asked(self) -> None:
        """Wait, but not for long, until each new endpoint has answered the first question or failed to."""
        end = self._clock.monotonic() + ASKED_WITHIN_S
        with contextlib.suppress(RouterError):
            while not all(host.asked for host in await self._admin.hosts(".*")) and self._clock.monotonic() < end:
                await self._clock.sleep(POLL_S)

    async def _refusal(self, missing: list[str], since: float, otherwise: str) -> RouterError:
        """Why it was turned down, in Envoy's words: the listeners' from its memory, the others' from its log."""
        if not await self.alive():
            return RouterError("the router does not answer", hint="`fairlead logs router` shows its output")
        what = ", ".join(plain(prefix) for prefix in missing)
        listeners = await self._admin.refused_listeners() if LISTENERS in missing else {}
        words = "; ".join(f"{name}: {why}" for name, why in sorted(listeners.items()) if why)
        words = words or await self._program.refusal(since) or otherwise
        hint = "another program has the port" if "Address already in use" in words else None
        return RouterError(f"the router refused {what}: {words}", hint=hint)

    def _of(self, revision: str) -> Config:
        if self._wanted and self._wanted[0] == revision:
            return self._wanted[1]
        found = self._files.load()
        if found.revision != revision:
            raise RouterError(f"revision {revision} is not what the router was last given")
        return found
