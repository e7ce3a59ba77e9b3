"""The watchdog as an instance that the runtime runs: it outlives the engine, and runs only while there is a lease."""

from __future__ import annotations

import sys
from pathlib import Path

from fairlead.engine.routers import watchdog
from fairlead.engine.routers.lease_files import LeaseFiles
from fairlead.engine.runtime import Launch, Runtime, StopPolicy
from fairlead.errors import FairleadError, RouterError
from fairlead.kit.clock import Clock

INSTANCE = "router-lease"

WATCHED_WITHIN_S = 10.0
"""It is there some 50 ms after it is started; on a busy machine that takes longer."""

POLL_S = 0.002


class Watchman:
    """Starts the watchdog, makes sure of it, and ends it."""

    def __init__(self, files: LeaseFiles, runtime: Runtime, clock: Clock) -> None:
        self._files = files
        self._runtime = runtime
        self._clock = clock

    async def start(self) -> None:
        """Start it, or find it running. Raises `RouterError`."""
        try:
            await self._runtime.start(self._launch())
        except FairleadError as error:
            raise RouterError(
                f"the watchdog of the lease can't be started: {error.message}", hint=error.hint
            ) from error

    async def watches(self, name: str) -> None:
        """Return once it keeps watch over the lease of that name. Raises `RouterError`."""
        await self.start()
        end = self._clock.monotonic() + WATCHED_WITHIN_S
        while not self._files.watched(name):
            if self._clock.monotonic() > end:
                raise RouterError(f"the watchdog of the lease does not answer: {await self._last()}")
            await self._clock.sleep(POLL_S)

    async def stop(self) -> None:
        """End it, and leave nothing of it."""
        try:
            await self._runtime.stop(INSTANCE, StopPolicy(grace_s=1.0))
            await self._runtime.remove(INSTANCE)
        except FairleadError as error:
            raise RouterError(f"the watchdog of the lease can't be ended: {error.message}", hint=error.hint) from error

    async def _last(self) -> str:
        return " / ".join([line.text.strip() async for line in self._runtime.logs(INSTANCE, tail=3)]) or "no word of it"

    def _launch(self) -> Launch:
        program = (sys.executable, "-S", "-E", "-I", watchdog.__file__, str(self._files.router))
        return Launch(id=INSTANCE, argv=program, cwd=Path("/"), environment={}, stop=StopPolicy(grace_s=1.0))
