"""The lease on shares that must not outlive the engine: taken before requests move, renewed, given up after.

What the router is to serve without the engine lies ready beside Envoy's files, for the watchdog to put in place. A
lease is taken when Envoy has everything that both the wanted routes and the fallback point at; so there is no moment in
which an engine that dies leaves shares behind that nobody watches, nor one in which the fallback leads nowhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from fairlead.engine.router import Lease
from fairlead.engine.routers.config import ROUTES, Config
from fairlead.engine.routers.lease_files import LeaseFiles
from fairlead.engine.routers.resources import Json
from fairlead.engine.routers.watchman import Watchman
from fairlead.engine.runtime import Runtime
from fairlead.errors import RouterError
from fairlead.kit.clock import Clock

WAY_OUT_S = 10.0
"""How long the way out of a lease may take before the watchdog completes it."""

Hold = Callable[[], Awaitable[None]]


class Tenure:
    """The lease of one router, and the watchdog that ends it."""

    def __init__(self, folder: Path, runtime: Runtime, clock: Clock) -> None:
        self._files = LeaseFiles(folder)
        self._watchman = Watchman(self._files, runtime, clock)
        self._held: tuple[str, float] | None = None
        self._lost = False

    async def begin(self) -> None:
        """Before Envoy is started or found: keep watch over what an engine before this one has taken."""
        if self._files.any:
            self._files.settle()
            await self._watchman.start()

    async def end(self) -> None:
        """Envoy has ended: so does the watchdog, and the next Envoy will find the fallback."""
        await self._watchman.stop()
        self._files.end()
        self._forget()

    @contextlib.asynccontextmanager
    async def changing(self, lease: Lease | None, wanted: Config, fallback: Config) -> AsyncIterator[Hold]:
        """While Envoy is led to `wanted`; what is given is to be awaited just before the first request moves.

        Without a lease, but with one until now, there is one on the way, and its fallback is what is `wanted`. A
        `RouterError` leaves the lease that was held before.
        """
        if lease is None and not self._files.any:
            yield _nothing
            return
        held, before, name = self._held, self._files.current, os.urandom(4).hex()
        seconds = lease.seconds if lease else WAY_OUT_S
        try:
            yield lambda: self._take(name, seconds, _moving(wanted, fallback))
        except RouterError:
            self._files.withdraw(name, before)
            self._held = held
            if not self._files.any:
                await self._watchman.stop()
            raise
        await (self._settled() if lease else self._dropped())

    async def renew(self) -> bool:
        """Hold it for another while; `False` when it has lapsed since the last answer, or is not held or watched."""
        lost, self._lost = self._lost, False
        if lost or self._held is None:
            return False
        if not self._files.prolong(*self._held):
            self._held = None
            return False
        try:
            await self._watchman.start()
        except RouterError:
            return False
        return True

    async def _take(self, name: str, seconds: float, files: dict[str, Json]) -> None:
        self._lost = self._lost or (self._held is not None and self._files.current != self._held[0])
        try:
            self._files.prepare(name, seconds, files)
            self._files.install(name)
        except OSError as error:
            why = f"{self._files.folder}: the lease on the shares can't be written: {error.strerror}"
            raise RouterError(why, hint="is the disk full, or the folder read-only?") from error
        self._held = (name, seconds)
        await self._watchman.watches(name)

    async def _settled(self) -> None:
        if self._held is None or not self._files.prolong(*self._held):
            raise RouterError("the lease on the shares lapsed while it was taken: its fallback is served")
        self._files.only(self._held[0])

    async def _dropped(self) -> None:
        await self._watchman.stop()
        self._forget()

    def _forget(self) -> None:
        self._files.forget()
        self._held, self._lost = None, False


async def _nothing() -> None:
    """There is no lease to take."""


def _moving(wanted: Config, fallback: Config) -> dict[str, Json]:
    """The files that say which version gets a request, as they are to be when the lease has lapsed.

    What only the wanted routing has (a way for copies) stays: nothing is sent there any more.
    """
    whole = replace(wanted, routes=fallback.routes, listeners={**wanted.listeners, **fallback.listeners})
    return {path: file for path, file in whole.files.items() if path.startswith(f"{ROUTES}/") or path == "lds.json"}
