"""Instances as containers of the Docker engine of this machine.

Like the runtime of local processes it remembers nothing: whose a container is, is said by its labels, so an engine that
comes back finds everything as it was. Each start makes a new container; what earlier ones said is kept.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fairlead.engine.runtime import Launch, Limits, LogLine, LogPolicy, Observed, Phase, StopPolicy, Usage
from fairlead.engine.runtimes.checks import signal_number, valid_id
from fairlead.engine.runtimes.docker import labels, once, refusals, seen, spec
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.containers import CONFLICT, Containers
from fairlead.engine.runtimes.docker.kept import Kept
from fairlead.engine.runtimes.docker.networks import Networks
from fairlead.engine.runtimes.docker.output import Output
from fairlead.engine.runtimes.docker.programs import has_program
from fairlead.engine.runtimes.docker.refusals import Refused, Unreachable
from fairlead.errors import Conflict, RuntimeFailure
from fairlead.kit.clock import Clock, SystemClock

AWAY_S = 1.0
"""Pause while an engine is away of which the end of an instance is to be learnt."""

ENFORCED = {
    "memory_bytes": ("MemoryLimit", "memory"),
    "cpu_cores": ("CpuCfsQuota", "CPU"),
    "processes": ("PidsLimit", "processes"),
}
"""Limit -> the key of the engine's `info` that says whether the kernel can hold it, and its name."""


class DockerRuntime:
    """Runs the containers of one state folder; what it keeps is below `containers/` in it."""

    name = "docker"

    def __init__(self, state: Path, client: DockerClient, *, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self.tag = labels.state_label(state)
        self._kept = Kept(state / "containers", self._clock)
        self._containers = Containers(client, self.tag)
        self._networks = Networks(client, self._containers, self.tag)
        self._output = Output(client, self._kept, self._containers.find, self._clock)
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._opening = asyncio.Lock()
        self._open = False

    @property
    def gateways(self) -> tuple[str, ...]:
        return tuple(sorted(self._networks.gateways.values()))

    def holds(self, instance: str) -> bool:
        """Whether this instance was started here and not removed since; the engine is not asked."""
        return self._kept.holds(instance)

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        known = self._client.info
        return [
            f"the Docker engine can't limit {what}: the kernel's control group for it is missing"
            for field, (key, what) in ENFORCED.items()
            if getattr(limits, field) is not None and known.get(key) is False
        ]

    async def start(self, launch: Launch) -> Observed:
        async with self._busy[valid_id(launch.id)]:
            await self._ready()
            found = await self._containers.find(launch.id)
            if found and seen.running(found):
                return seen.observed(found)
            if found:
                await self._put_away(launch.id, found, launch.log)
            self._kept.prepare(launch.id)
            return await self._start(launch)

    async def _start(self, launch: Launch) -> Observed:
        container = await self._create(launch, labels.of(launch, self.tag), launch.id)
        try:
            await self._run(launch, container)
        except BaseException:
            await self._containers.delete(container)
            raise
        return await self.observe(launch.id)

    async def _create(self, launch: Launch, marked: dict[str, str], instance: str) -> str:
        """Make the container; its id. One that was made before, by a call whose answer was lost, is replaced."""
        stack = launch.labels.get("stack")
        network, router = await self._network(launch, stack)
        body = spec.container(launch, labels=marked, network=network, router=router)
        name = labels.name(stack, self.tag, instance)
        for last in (False, True):
            try:
                return await self._containers.create(name, body)
            except Refused as refused:
                found = await self._containers.find(launch.id) if refused.status == CONFLICT and not last else None
                if found is None or seen.running(found):
                    raise refusals.explained(launch, refused) from None
                await self._containers.delete(found["Id"])
        raise AssertionError("the second attempt returns or raises")

    async def _network(self, launch: Launch, stack: str | None) -> tuple[str, str]:
        """The network of a launch, and the address of the router there."""
        kind = spec.network_kind(launch)
        if kind == "host":
            return kind, spec.LOOPBACK
        name = await self._networks.ensure("open" if kind == "open" else "closed", stack)
        return name, self._networks.gateways.get(name, spec.LOOPBACK)

    async def _run(self, launch: Launch, container: str) -> None:
        """Start a container that has been made."""
        try:
            made = await self._containers.show(container)
            if not await has_program(self._client, made):
                raise refusals.missing(launch.id, made["Path"])
            if launch.container and launch.container.alias and not launch.container.host_network:
                await self._networks.join(container, launch.container.alias)
            await self._containers.start(container)
        except Refused as refused:
            raise refusals.explained(launch, refused) from None

    async def observe(self, instance: str) -> Observed:
        await self._ready()
        found = await self._containers.find(valid_id(instance))
        return seen.observed(found) if found else Observed(Phase.ABSENT)

    async def ended(self, instance: str) -> Observed:
        """An engine that is away says nothing of the instance: it is waited for, however long.

        A container that somebody else restarts has ended too: it may be at another address now.
        """
        began: float | None = None
        while True:
            try:
                found = await self._containers.find(instance)
                now = seen.observed(found) if found else Observed(Phase.ABSENT)
                if found is None or not now.running:
                    return now
                if began not in (None, now.started_at):
                    return Observed(Phase.ENDED, started_at=began, reason="restarted by somebody else")
                began = now.started_at
                await self._containers.over(found["Id"])
            except Unreachable:
                await self._clock.sleep(AWAY_S)

    async def stop(self, instance: str, policy: StopPolicy) -> Observed:
        signal_number(policy.signal)
        found = await self._containers.find(instance)
        if found and seen.running(found):
            await self._containers.signal(found["Id"], policy.signal)
            if not await self._over_within(found["Id"], policy.grace_s):
                await self._containers.signal(found["Id"], "SIGKILL")
                await self._containers.over(found["Id"])
        return await self.observe(instance)

    async def _over_within(self, container: str, seconds: float) -> bool:
        over = asyncio.create_task(self._containers.over(container))
        late = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({over, late}, return_when=asyncio.FIRST_COMPLETED)
            return over.done()
        finally:
            over.cancel()
            late.cancel()
            await asyncio.gather(over, late, return_exceptions=True)

    async def remove(self, instance: str) -> None:
        async with self._busy[instance]:
            found = await self._containers.find(valid_id(instance))
            if found and seen.running(found):
                raise Conflict(f"{instance}: it runs; stop it before it is removed")
            if found:
                await self._containers.delete(found["Id"])
            self._kept.remove(instance)
        self._busy.pop(instance, None)

    async def instances(self) -> list[str]:
        await self._ready()
        made = {marked[labels.INSTANCE] for _, marked in await self._containers.listed() if labels.ONCE not in marked}
        return sorted(made | set(self._kept.instances()))

    async def usage(self, instance: str) -> Usage | None:
        query: dict[str, Any] = {"stream": False, "one-shot": True}
        try:
            found = await self._containers.find(valid_id(instance))
            if found is None or not seen.running(found):
                return None
            async with self._client.stream("GET", f"containers/{found['Id']}/stats", **query) as answer:
                said = await answer.text()  # nothing, of a container that ends just then
                return seen.usage(json.loads(said)) if said else None
        except (Refused, Unreachable):
            return None

    async def logs(
        self, instance: str, *, tail: int | None = None, since: float | None = None, follow: bool = False
    ) -> AsyncIterator[LogLine]:
        if follow:
            async for line in self._output.follow(valid_id(instance), tail, since):
                yield line
        else:
            for line in await self._output.read(valid_id(instance), tail, since):
                yield line

    async def execute(self, launch: Launch, *, timeout_s: float) -> tuple[int, str]:
        await self._ready()
        if launch.beside:
            found = await self._containers.find(launch.beside)
            if found is None or not seen.running(found):
                raise RuntimeFailure(f"{launch.beside}: it does not run")
            return await once.beside(self._client, found["Id"], launch, timeout_s)
        marked = {**labels.of(launch, self.tag), labels.ONCE: "true"}
        container = await self._create(launch, marked, f"{launch.id}.{secrets.token_hex(4)}")
        try:
            await self._run(launch, container)
            return await once.alone(self._client, container, timeout_s)
        finally:
            await asyncio.shield(self._containers.delete(container))

    async def tidy(self) -> None:
        """Nothing is wanted any more: remove what has ended, but for its output, and the networks."""
        await self._ready()
        for _, marked in await self._containers.listed():
            found = await self._containers.find(marked[labels.INSTANCE])
            if found and not seen.running(found):
                await self._put_away(marked[labels.INSTANCE], found, LogPolicy())
        await self._networks.remove()

    async def close(self) -> None:
        """Close the connections to the engine."""
        await self._client.close()

    async def _ready(self) -> None:
        """Before anything else: end what an engine that was killed had run once, and see the networks."""
        async with self._opening:
            if not self._open:
                for container, _ in await self._containers.listed(**{labels.ONCE: ""}):
                    await self._containers.delete(container)
                await self._networks.look()
                self._open = True

    async def _put_away(self, instance: str, container: seen.JSON, policy: LogPolicy) -> None:
        """Keep what a container said, and remove it."""
        self._kept.prepare(instance)
        await self._kept.add(instance, await self._output.of(container), policy)
        await self._containers.delete(container["Id"])
