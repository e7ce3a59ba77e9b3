"""A bench on which the same programs run in every runtime, and nothing of them is left behind."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.images import python_image

from fairlead.engine.runtime import Container, Launch, Runtime, StopPolicy
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.labels import STATE
from fairlead.engine.runtimes.docker.runtime import DockerRuntime
from fairlead.engine.runtimes.leftovers import MARK
from fairlead.engine.runtimes.memory import MemoryRuntime, Program
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import BinaryMissing
from fairlead.kit import proc
from fairlead.kit.clock import SystemClock

AT_ONCE = StopPolicy(grace_s=0.0)
MISSING = "no-such-program-anywhere"

KINDS: dict[str, tuple[tuple[str, ...], Program]] = {
    "runs": (("/bin/sh", "-c", "echo ready; exec sleep 600"), Program(says=("ready",))),
    "exits": (("/bin/sh", "-c", "echo bye; exit 3"), Program(says=("bye",), exits_after_s=0.0, code=3)),
    "deaf": (
        ("/bin/sh", "-c", "trap '' TERM; echo ready; sleep 600; sleep 600"),
        Program(says=("ready",), stops_in_s=math.inf),
    ),
    "hangs": (("/bin/sh", "-c", "echo begun; sleep 600"), Program(says=("begun",), exits_after_s=math.inf)),
    "missing": ((MISSING,), Program(refuses=BinaryMissing(f"one: program not found: {MISSING}"))),
}


@dataclass
class Bench:
    """A runtime, and launches for it."""

    runtime: Runtime
    folder: Path
    container: Container | None = None

    def launch(self, kind: str = "runs", instance: str = "one", **changes: Any) -> Launch:
        return replace(self.sh("", instance), argv=KINDS[kind][0], **changes)

    def sh(self, script: str, instance: str = "one", **changes: Any) -> Launch:
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        made = Launch(instance, ("/bin/sh", "-c", script), self.folder, environment, container=self.container)
        return replace(made, **changes)

    async def said(self, text: str, instance: str = "one") -> str:
        """Wait until the instance has said a line with this text in it."""
        async for line in self.runtime.logs(instance, follow=True):
            if text in line.text:
                return line.text
        raise AssertionError(f"{instance} was removed before it said {text!r}")

    async def lines(self, instance: str = "one") -> list[str]:
        return [line.text async for line in self.runtime.logs(instance)]

    async def clear(self) -> None:
        for instance in await self.runtime.instances():
            await self.runtime.stop(instance, AT_ONCE)
            await self.runtime.remove(instance)


def cgroups_of(tag: str) -> list[str]:
    """Folders below any cgroup tree that belong to a runtime."""
    every = (Path(folder, name) for folder, names, _ in os.walk("/sys/fs/cgroup") for name in names)
    return [str(path) for path in every if path.name.startswith("fairlead-") and path.name.endswith(tag)]


def marked(tag: str) -> list[int]:
    """Processes that a runtime has started, wherever they have gone."""
    return [pid for pid in proc.pids() if f"{MARK}={tag}/".encode() in _environment(pid)]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench with real processes."""
    runtime = ProcessRuntime(tmp_path / "instances")
    bench = Bench(runtime, tmp_path)
    yield bench
    await bench.clear()
    assert marked(runtime.tag) == []
    assert cgroups_of(runtime.tag) == []


EVERY = ["process", "memory", pytest.param("docker", marks=pytest.mark.needs_docker)]


@pytest.fixture(params=EVERY)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench for what every runtime promises."""
    if request.param == "docker":
        async with docker_bench(tmp_path) as made:
            yield made
        return
    runtime: Runtime = scripted() if request.param == "memory" else ProcessRuntime(tmp_path / "instances")
    made = Bench(runtime, tmp_path)
    yield made
    await made.clear()


@pytest.fixture
async def docked(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench with real containers."""
    async with docker_bench(tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def docker_bench(folder: Path) -> AsyncIterator[Bench]:
    """A bench on the Docker engine, which has neither container nor network of it left in the end."""
    runtime = DockerRuntime(folder, DockerClient())
    made = Bench(runtime, Path("/"), Container(python_image(), own_entrypoint=True, user="1001:1001"))
    yield made
    await made.clear()
    await runtime.tidy()
    assert left(runtime.tag) == []
    await runtime.close()


def left(tag: str) -> list[str]:
    """Containers and networks that the engine still has of a state folder."""
    kinds = (("ps", "--all"), ("network", "ls"))
    return [id for kind in kinds for id in docker(*kind, "--quiet", "--filter", f"label={STATE}={tag}").split()]


def docker(*words: str) -> str:
    """What the engine's own command says: a second witness."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True, timeout=60).stdout


def scripted() -> MemoryRuntime:
    runtime = MemoryRuntime(SystemClock())
    for argv, program in KINDS.values():
        runtime.program(partial(_is, argv), program)
    return runtime


def _is(argv: tuple[str, ...], launch: Launch) -> bool:
    return launch.argv == argv
