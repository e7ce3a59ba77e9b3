"""The output of services: of all instances together, in the order of time, as it comes."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterable
from typing import Any

from fairlead.engine.runtime import LogLine, Runtime

NEW_INSTANCES_EVERY_S = 0.5
"""How often somebody who follows is given instances that have come since."""

Line = dict[str, Any]


ROUTER = "router"
"""The name under which the router's access log is asked for; it is shown only when it is."""


class Output:
    """Reads the logs of one runtime: of services, stores and the router."""

    def __init__(self, runtime: Runtime, services: Iterable[str], stores: Iterable[str]) -> None:
        self._runtime = runtime
        self._services = sorted(services, key=len, reverse=True)
        self._others = {f"store-{name}": name for name in stores} | {"router-envoy": ROUTER, "router-lease": ROUTER}

    async def lines(self, wanted: list[str], *, tail: int | None, since: float | None) -> list[Line]:
        """What there is, oldest first; the last `tail` lines of all together."""
        logs = [await self._of(instance, tail, since) for instance in await self._instances(wanted)]
        merged = list(heapq.merge(*logs, key=lambda line: line["at"]))
        return merged if tail is None else merged[len(merged) - min(tail, len(merged)) :]

    async def whole(self, wanted: list[str], *, tail: int | None, since: float | None) -> AsyncGenerator[Line, None]:
        """The same, line by line."""
        for line in await self.lines(wanted, tail=tail, since=since):
            yield line

    async def follow(self, wanted: list[str], *, tail: int | None, since: float | None) -> AsyncGenerator[Line, None]:
        """What there is, then what comes, of instances that come later too; for as long as somebody reads."""
        shown = await self.lines(wanted, tail=tail if tail is None else max(tail, 1), since=since)
        for line in shown if tail != 0 else ():
            yield line
        queue: asyncio.Queue[Line] = asyncio.Queue(maxsize=1000)
        reader = asyncio.create_task(self._read_all(wanted, queue, shown[-1]["at"] if shown else since))
        try:
            while True:
                yield await queue.get()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read_all(self, wanted: list[str], queue: asyncio.Queue[Line], since: float | None) -> None:
        known: set[str] = set()
        async with asyncio.TaskGroup() as readers:
            while True:
                for instance in set(await self._instances(wanted)) - known:
                    known.add(instance)
                    readers.create_task(self._read(instance, queue, since))
                await asyncio.sleep(NEW_INSTANCES_EVERY_S)

    async def _read(self, instance: str, queue: asyncio.Queue[Line], since: float | None) -> None:
        async for line in self._runtime.logs(instance, since=since, follow=True):
            await queue.put(self._as_line(instance, line))

    async def _of(self, instance: str, tail: int | None, since: float | None) -> list[Line]:
        return [self._as_line(instance, line) async for line in self._runtime.logs(instance, tail=tail, since=since)]

    async def _instances(self, wanted: list[str]) -> list[str]:
        found = [(instance, self._whose(instance)) for instance in await self._runtime.instances()]
        return [instance for instance, owner in found if (owner in wanted if wanted else owner not in (None, ROUTER))]

    def _whose(self, instance: str) -> str | None:
        if instance in self._others:
            return self._others[instance]
        return next((name for name in self._services if instance.startswith(f"{name}-")), None)

    def _as_line(self, instance: str, line: LogLine) -> Line:
        service = self._whose(instance) or instance
        version = "" if instance in self._others else instance.removeprefix(f"{service}-").rpartition("-")[0]
        return {
            "at": line.at,
            "service": service,
            "version": version,
            "instance": instance,
            "stream": line.stream,
            "text": line.text,
        }
