"""A folder that a server without rights can reach, and a runtime that starts what a kind says."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fairlead.engine import ports
from fairlead.engine.runtime import Observed
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.engine.stores import STORES, StoreKind
from fairlead.stack.model.store import Store


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that every user can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="fl-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@dataclass
class Server:
    """One store, run as the engine does."""

    store: Store
    state: Path
    runtime: ProcessRuntime
    port: int = field(default_factory=lambda: ports.lease(()))

    @property
    def kind(self) -> StoreKind:
        return STORES.get(self.store.kind)

    @property
    def folder(self) -> Path:
        return self.state / "stores" / "shelf"

    @property
    def url(self) -> str:
        return self.kind.url(self.store, self.folder, self.port)

    @property
    def password(self) -> str:
        return self.kind.passwords(self.folder)[0].reveal()

    async def start(self) -> Observed:
        """Prepare, start, and wait until it answers; its own words when it does not."""
        self.kind.prepare(self.store, self.folder, self.port)
        launch = self.kind.launch(self.store, self.folder, self.port)
        observed = await self.runtime.start(launch)
        while (problem := await self.problem()) is not None:
            if not (await self.runtime.observe(launch.id)).running:
                raise AssertionError(f"{problem}: {await self.log()}")
            await asyncio.sleep(0.02)
        return observed

    async def problem(self) -> str | None:
        """Why it is not ready."""
        return await self.kind.ready(self.store, self.folder, self.port)

    async def stop(self) -> Observed:
        """By the kind's own policy."""
        return await self.runtime.stop("shelf", self.kind.launch(self.store, self.folder, self.port).stop)

    async def kill(self) -> None:
        """As the machine would when it runs out of memory."""
        pid = (await self.runtime.observe("shelf")).pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await self.runtime.ended("shelf")

    async def log(self) -> str:
        """What it said."""
        return "\n".join([line.text async for line in self.runtime.logs("shelf")])


MakeServer = Callable[..., Server]


@pytest.fixture
async def serve(state: Path) -> AsyncIterator[MakeServer]:
    """Servers of this test, all on the same folder; what still runs at the end is stopped."""
    made: list[Server] = []

    def make(**store: object) -> Server:
        made.append(Server(Store.model_validate(store), state, ProcessRuntime(state / "instances")))
        return made[-1]

    yield make
    for server in made:
        if (await server.runtime.observe("shelf")).running:
            await server.stop()
