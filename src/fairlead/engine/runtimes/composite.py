"""Two runtimes as one: what has a container runs in Docker, everything else as a local process.

Docker is made and asked only once a container is wanted, or where one was started before: the folder `containers/` of
the state says so. A stack without containers never needs a Docker engine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

from fairlead.engine.runtime import Launch, Limits, LogLine, Observed, Runtime, StopPolicy, Usage


class Docker(Runtime, Protocol):
    """A runtime that can tell, without asking anybody, whether an instance is its own."""

    def holds(self, instance: str) -> bool:
        """Whether this instance was started here and not removed since."""


class Runtimes:
    """`containers` is the folder in which the Docker runtime keeps what is its own; `docker` makes that runtime."""

    name = "process and docker"

    def __init__(self, process: Runtime, containers: Path, docker: Callable[[], Docker]) -> None:
        self._process = process
        self._containers = containers
        self._make = docker
        self._docker: Docker | None = None

    @property
    def docker(self) -> Docker:
        """The Docker runtime, made when it is asked for first."""
        if self._docker is None:
            self._docker = self._make()
        return self._docker

    @property
    def gateways(self) -> tuple[str, ...]:
        return self._docker.gateways if self._docker else ()

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        if contained:
            return self._docker.unsupported(limits) if self._docker else []
        return self._process.unsupported(limits)

    async def start(self, launch: Launch) -> Observed:
        if launch.container is None:
            await self._leave(self.docker if self._in_docker(launch.id) else None, launch.id)
            return await self._process.start(launch)
        if not self._in_docker(launch.id):
            await self._leave(self._process, launch.id)
        return await self.docker.start(launch)

    async def _leave(self, runtime: Runtime | None, instance: str) -> None:
        """An instance that has ended in one runtime is forgotten there when it starts in the other."""
        if runtime and instance in await runtime.instances():
            await runtime.remove(instance)

    async def observe(self, instance: str) -> Observed:
        return await self._of(instance).observe(instance)

    async def ended(self, instance: str) -> Observed:
        return await self._of(instance).ended(instance)

    async def stop(self, instance: str, policy: StopPolicy) -> Observed:
        return await self._of(instance).stop(instance, policy)

    async def remove(self, instance: str) -> None:
        await self._of(instance).remove(instance)

    async def instances(self) -> list[str]:
        found = await self._process.instances()
        return sorted({*found, *await self.docker.instances()}) if self._used else found

    async def usage(self, instance: str) -> Usage | None:
        return await self._of(instance).usage(instance)

    def logs(
        self, instance: str, *, tail: int | None = None, since: float | None = None, follow: bool = False
    ) -> AsyncIterator[LogLine]:
        return self._of(instance).logs(instance, tail=tail, since=since, follow=follow)

    async def execute(self, launch: Launch, *, timeout_s: float) -> tuple[int, str]:
        runtime = self.docker if launch.container else self._process
        return await runtime.execute(launch, timeout_s=timeout_s)

    async def tidy(self) -> None:
        await self._process.tidy()
        if self._used:
            await self.docker.tidy()

    async def close(self) -> None:
        await self._process.close()
        if self._docker:
            await self._docker.close()

    def _of(self, instance: str) -> Runtime:
        return self.docker if self._in_docker(instance) else self._process

    @property
    def _used(self) -> bool:
        return self._docker is not None or self._containers.is_dir()

    def _in_docker(self, instance: str) -> bool:
        return self._used and self.docker.holds(instance)
