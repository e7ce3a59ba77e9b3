"""A real Docker engine, images with the official conventions, and a store that runs as the engine would run it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests import store_images

from fairlead.engine import ports
from fairlead.engine.runtime import Observed, Phase, StopPolicy
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.runtime import DockerRuntime
from fairlead.engine.stores.contained import CONTAINED, ContainedKind, pinned
from fairlead.stack.model.store import Store

NAME = "shelf"


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that every user can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="fl-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@dataclass
class Server:
    """One store in a container."""

    store: Store
    state: Path
    runtime: DockerRuntime
    port: int = field(default_factory=lambda: ports.lease(()))

    @property
    def kind(self) -> ContainedKind:
        return CONTAINED.get(self.store.kind)

    @property
    def folder(self) -> Path:
        return self.state / "stores" / NAME

    async def start(self) -> Observed:
        """Prepare, start, and wait until it answers; its own words when it does not."""
        image = self.kind.image(self.store, self.folder)
        pinned.write(self.folder, image, image)
        self.kind.prepare(self.store, self.folder, self.port)
        launch = self.kind.launch(self.store, self.folder, self.port)
        observed = await self.runtime.start(replace(launch, labels={"stack": "town"}))
        while (problem := await self.ready()) is not None:
            if (await self.runtime.observe(NAME)).phase is Phase.ENDED:
                lines = [line.text async for line in self.runtime.logs(NAME)]
                raise AssertionError("\n".join([problem, *lines]))
            await asyncio.sleep(0.05)
        return observed

    async def ready(self) -> str | None:
        """What the engine would be told."""
        return await self.kind.ready(self.store, self.folder, self.port)

    async def stop(self) -> Observed:
        """In its own way."""
        return await self.runtime.stop(NAME, StopPolicy(self.kind.stop_signal, 30.0))

    async def ask(self, *words: str) -> str:
        """Run a command in a container beside it, on the network of the stack, with what services there are given."""
        launch = self.kind.launch(self.store, self.folder, self.port)
        assert launch.container is not None
        container = replace(launch.container, mounts=(), alias=None, publish={}, own_entrypoint=True)
        url = self.kind.inner_url(self.store, self.folder)
        asked = replace(
            launch, id="asker", argv=words, container=container, environment={"URL": url}, labels={"stack": "town"}
        )
        code, output = await self.runtime.execute(asked, timeout_s=30)
        assert code == 0, output
        return output.strip()

    def inspected(self, form: str) -> str:
        """Something that Docker knows of its container."""
        ids = ["docker", "ps", "--quiet", "--filter", f"label=fairlead.instance={NAME}"]
        found = subprocess.run(ids, capture_output=True, text=True, check=True).stdout.split()
        asked = ["docker", "inspect", "--format", form, *found]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


Declare = Callable[..., Server]


@pytest.fixture
async def declare(state: Path) -> AsyncIterator[Declare]:
    """Stores of a stack; nothing of them is left in the end."""
    store_images.ensure()
    runtime = DockerRuntime(state, DockerClient())
    made: list[Server] = []

    def declared(**spec: Any) -> Server:
        port = {"port": made[0].port} if made else {}
        made.append(Server(Store.model_validate(spec), state, runtime, **port))
        return made[-1]

    yield declared
    for server in made[-1:]:
        await server.stop()
    for instance in await runtime.instances():
        await runtime.remove(instance)
    await runtime.tidy()
    await runtime.close()
