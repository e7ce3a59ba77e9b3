"""The output of services: of all instances together, in the order of time, as it comes."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterable
from typing import Any

from fairlead.engine.runtime import LogLine, Runtime

NEW_INSTANCES_EVERY_S = 0.5
"""How often somebody who follows is given instances that have come since."""

Line = dict[str, Any]


class Output:
    """Reads the logs of one runtime; `services` are the names that instance ids begin with."""

    def __init__(self, runtime: Runtime, services: Iterable[str]) -> None:
        self._runtime = runtime
        self._services = sorted(services, key=len, reverse=True)

    async def lines(self, wanted: list[str], *, tail: int | None, since: float | None) -> list[Line]:
        """What there is, oldest first; the last `tail` lines of all together."""
        logs = [await self._of(instance, tail, since) for instance in await self._instances(wanted)]
        merged = list(heapq.merge(*logs, key=lambda line: line["at"]))
        return merged[-tail:] if tail is not None else merged

    async def follow(self, wanted: list[str], *, tail: int | None, since: float | None) -> AsyncIterator[Line]:
        """What there is, then what comes, of instances that come later too; for as long as somebody reads."""
        for line in await self.lines(wanted, tail=tail, since=since):
            yield line
        queue: asyncio.Queue[Line] = asyncio.Queue(maxsize=1000)
        reader = asyncio.create_task(self._read_all(wanted, queue))
        try:
            while True:
                yield await queue.get()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read_all(self, wanted: list[str], queue: asyncio.Queue[Line]) -> None:
        known: set[str] = set()
        first = True
        async with asyncio.TaskGroup() as readers:
            while True:
                for instance in set(await self._instances(wanted)) - known:
                    known.add(instance)
                    readers.create_task(self._read(instance, queue, whole=not first))
                first = False
                await asyncio.sleep(NEW_INSTANCES_EVERY_S)

    async def _read(self, instance: str, queue: asyncio.Queue[Line], *, whole: bool) -> None:
        async for line in self._runtime.logs(instance, tail=None if whole else 0, follow=True):
            await queue.put(self._as_line(instance, line))

    async def _of(self, instance: str, tail: int | None, since: float | None) -> list[Line]:
        return [self._as_line(instance, line) async for line in self._runtime.logs(instance, tail=tail, since=since)]

    async def _instances(self, wanted: list[str]) -> list[str]:
        found = [(instance, self._service(instance)) for instance in await self._runtime.instances()]
        return [instance for instance, service in found if service and (not wanted or service in wanted)]

    def _service(self, instance: str) -> str | None:
        return next((name for name in self._services if instance.startswith(f"{name}-")), None)

    def _as_line(self, instance: str, line: LogLine) -> Line:
        service = self._service(instance) or instance
        version = instance.removeprefix(f"{service}-").rpartition("-")[0]
        return {
            "at": line.at,
            "service": service,
            "version": version,
            "instance": instance,
            "stream": line.stream,
            "text": line.text,
        }
