"""Two runtimes as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine.runtime import Container, Launch, Limits, StopPolicy
from fairlead.engine.runtimes.composite import Docker, Runtimes
from fairlead.engine.runtimes.memory import MemoryRuntime
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import RuntimeFailure
from fairlead.kit.clock import FakeClock

PROCESS = Launch("web-v1-1", ("web",), Path("/"), {})
CONTAINER = Launch("db", ("db",), Path("/"), {}, container=Container("image"))


class Containers(MemoryRuntime):
    """In place of Docker."""

    @property
    def gateways(self) -> tuple[str, ...]:
        return ("172.18.0.1",)

    def holds(self, instance: str) -> bool:
        return instance in self._instances


class Weak(MemoryRuntime):
    """On a machine without control groups."""

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        return ["no memory"]


class House:
    """Both runtimes; `docker` is there once it was made."""

    def __init__(self, folder: Path) -> None:
        self.process = Weak(FakeClock())
        self.docker: Containers | None = None
        self.runtimes = Runtimes(self.process, folder / "containers", self._make)

    def _make(self) -> Docker:
        self.docker = Containers(FakeClock())
        return self.docker


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_stack_without_containers_never_needs_docker(house: House) -> None:
    """Not even on its way down."""
    await house.runtimes.start(PROCESS)
    await house.runtimes.observe("never")
    await house.runtimes.stop(PROCESS.id, StopPolicy())
    assert await house.runtimes.instances() == [PROCESS.id]
    await house.runtimes.tidy()
    await house.runtimes.close()

    assert house.docker is None
    assert house.runtimes.gateways == ()


async def test_each_goes_to_its_own_and_both_are_listed(house: House) -> None:
    """Afterwards the id alone says where."""
    await house.runtimes.start(PROCESS)
    await house.runtimes.start(CONTAINER)
    assert house.docker

    assert [launch.id for launch in house.process.launches] == [PROCESS.id]
    assert [launch.id for launch in house.docker.launches] == [CONTAINER.id]
    assert await house.runtimes.instances() == ["db", "web-v1-1"]
    assert house.runtimes.gateways == ("172.18.0.1",)
    for launch in (PROCESS, CONTAINER):
        assert (await house.runtimes.observe(launch.id)).running
        assert await house.runtimes.usage(launch.id)
        assert not (await house.runtimes.stop(launch.id, StopPolicy())).running
        assert [line.text async for line in house.runtimes.logs(launch.id)]
        await house.runtimes.remove(launch.id)
    assert await house.runtimes.instances() == []


async def test_an_instance_that_moves_from_one_to_the_other_is_in_one_only(house: House) -> None:
    """A store that was a local process and is now a container, and back."""
    as_process = Launch("db", ("db",), Path("/"), {})
    for launch in (as_process, CONTAINER, as_process):
        await house.runtimes.start(launch)
        await house.runtimes.stop("db", StopPolicy())
        assert await house.runtimes.instances() == ["db"]
    assert house.docker
    assert await house.docker.instances() == []


async def test_the_limits_of_a_container_are_docker_s_to_hold(house: House) -> None:
    """What local processes lack here is not lacking there; before Docker was asked, nothing is known of it."""
    some = Limits(memory_bytes=1)
    assert house.runtimes.unsupported(some) == ["no memory"]
    assert house.runtimes.unsupported(some, contained=True) == []
    await house.runtimes.start(CONTAINER)
    assert house.runtimes.unsupported(some, contained=True) == []


async def test_a_local_process_can_not_be_an_image(tmp_path: Path) -> None:
    """The process runtime says so instead of running something else."""
    with pytest.raises(RuntimeFailure, match="an image can't be run as a local process"):
        await ProcessRuntime(tmp_path).start(CONTAINER)
