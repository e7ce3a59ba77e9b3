"""Reading the output of an instance over all of its containers: the kept log of those gone, then the engine's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fairlead.engine.runtime import LogLine
from fairlead.engine.runtimes.docker import logs
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.kept import Kept
from fairlead.engine.runtimes.docker.refusals import Unreachable
from fairlead.kit.clock import Clock

JSON = dict[str, Any]
Find = Callable[[str], Awaitable[JSON | None]]

FOLLOW_S = 0.2
"""Pause between two looks for the next container of an instance that has ended."""


@dataclass
class _Place:
    """How far a follower has come: the time of its last line, whose it was, and whose end it has heard."""

    at: float | None
    container: str = ""
    ended: str = ""


class Output:
    """Reads what instances say; `find` inspects the container of one."""

    def __init__(self, client: DockerClient, kept: Kept, find: Find, clock: Clock) -> None:
        self._client = client
        self._kept = kept
        self._find = find
        self._clock = clock

    async def read(self, instance: str, tail: int | None, since: float | None) -> list[LogLine]:
        """What there is now, oldest first."""
        container = await self._find(instance)
        own = await self.of(container, tail=tail, since=since) if container else []
        if tail is None:
            return [*await self._kept.read(instance, since=since), *own]
        own = own[max(0, len(own) - tail) :]
        return [*await self._kept.read(instance, tail=tail - len(own), since=since), *own]

    async def of(self, container: JSON, *, tail: int | None = None, since: float | None = None) -> list[LogLine]:
        """What one container has said, and how it ended."""
        found = (
            [line async for line in logs.lines(self._client, container, tail=tail, since=since)] if tail != 0 else []
        )
        ended = logs.end(container)
        return [*found, ended] if ended and (since is None or ended.at > since) else found

    async def follow(self, instance: str, tail: int | None, since: float | None) -> AsyncIterator[LogLine]:
        """What there is, then what comes, over restarts of the instance until it is removed."""
        place = _Place(since)
        if tail is not None:
            for line in await self._newest(instance, tail, place):
                yield line
        while (container := await self._looked(instance)) or self._kept.holds(instance):
            if container is None or container["Id"] == place.ended:
                await self._clock.sleep(FOLLOW_S)
                continue
            async for line in self._onward(instance, container, place):
                place.at = max(place.at or 0.0, line.at)
                yield line

    async def _newest(self, instance: str, tail: int, place: _Place) -> list[LogLine]:
        """The last lines; the place is then after them."""
        container = await self._find(instance)
        newest = await self.read(instance, max(1, tail), place.at)
        if newest:
            place.at = newest[-1].at
        if container and logs.end(container):
            place.ended = container["Id"]
        return newest[max(0, len(newest) - tail) :]

    async def _onward(self, instance: str, container: JSON, place: _Place) -> AsyncIterator[LogLine]:
        """To the end of what this container says now; before a new one, what was kept of the one before."""
        if container["Id"] != place.container:
            place.container = container["Id"]
            for line in await self._kept.read(instance, since=place.at):
                yield line
        try:
            async for line in logs.lines(self._client, container, since=place.at, follow=True):
                yield line
        except Unreachable:
            await self._clock.sleep(FOLLOW_S)
        now = await self._looked(instance)
        if now and now["Id"] == place.container and (end := logs.end(now)):
            place.ended = place.container
            yield end

    async def _looked(self, instance: str) -> JSON | None:
        """Its container; an engine that is away for a while is waited for."""
        while True:
            try:
                return await self._find(instance)
            except Unreachable:
                await self._clock.sleep(FOLLOW_S)
