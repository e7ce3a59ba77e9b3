"""Instances as local processes, each with a shim beside it that outlives the engine.

This object remembers nothing: whatever it is asked, it reads from the folders of the instances, so an engine that
comes back finds everything as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

from fairlead.engine.limits import Cell, Limiter, choose
from fairlead.engine.runtime import Launch, Limits, LogLine, Observed, Phase, StopPolicy, Usage
from fairlead.engine.runtimes import leftovers, logs, refusals, spawning, usage, waiting
from fairlead.engine.runtimes.folder import Folder, Status, unusable
from fairlead.engine.shim import cgroup
from fairlead.errors import Conflict, FairleadError, RuntimeFailure
from fairlead.kit import files
from fairlead.kit.clock import Clock, SystemClock

_PATIENCE_S = 5.0
"""How long, past the grace, a shim may take to kill everything before it is taken for broken and killed itself."""

_PAUSE_S = 0.01
_STATUS_S = 10.0
"""How long a shim that holds the lock may take to say who runs."""


class ProcessRuntime:
    """Runs instances below `root`, the `instances/` of a state folder.

    `tag` is short for the root, in the names of cgroups and in the mark that every instance carries.
    """

    name = "process"

    def __init__(self, root: Path, *, clock: Clock | None = None, limiter: Limiter | None = None) -> None:
        self._root = root.absolute()
        self._clock = clock or SystemClock()
        self.tag = hashlib.sha256(str(self._root).encode()).hexdigest()[:12]
        self._limiter = limiter or choose(f"fairlead-{self.tag}")
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def limiter(self) -> Limiter:
        """What confines the instances; it can say which limits it can't enforce."""
        return self._limiter

    @property
    def gateways(self) -> tuple[str, ...]:
        return ()

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        return self.limiter.unsupported(limits)

    async def start(self, launch: Launch) -> Observed:
        folder = Folder(self._root, launch.id)
        if launch.container:
            raise RuntimeFailure(f"{launch.id}: an image can't be run as a local process")
        async with self._busy[launch.id]:
            observed = await self.observe(launch.id)
            return observed if observed.running else await self._start(folder, launch)

    async def _start(self, folder: Folder, launch: Launch) -> Observed:
        try:
            cell = self._cell(launch, launch.id)
            folder.prepare(launch, cell.folders)
            return await self._begin(folder, launch, cell)
        except FairleadError:
            self._limiter.remove(launch.id)  # where something runs after all, the kernel refuses that
            raise

    async def _begin(self, folder: Folder, launch: Launch, cell: Cell) -> Observed:
        plan = spawning.plan(launch, cell, self._environment(launch), folder=folder.path)
        end = self._clock.monotonic() + _STATUS_S
        while isinstance(answer := await spawning.keep(plan), spawning.Held):
            if (found := await self._other(folder)).running:
                return found
            if self._clock.monotonic() > end:
                raise RuntimeFailure(f"{launch.id}: its lock is held, but nothing runs")
        if isinstance(answer, spawning.Refused):
            raise refusals.explained(launch, answer)
        return await self.observe(launch.id)

    def _cell(self, launch: Launch, instance: str) -> Cell:
        try:
            return self._limiter.prepare(instance, launch.limits)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise RuntimeFailure(f"{instance}: can't set its limits ({self._limiter.name}): {why}") from error

    def _environment(self, launch: Launch) -> dict[str, str]:
        return {**launch.environment, leftovers.MARK: self._mark(launch.id)}

    def _mark(self, instance: str) -> str:
        return f"{self.tag}/{instance}"

    async def _other(self, folder: Folder) -> Observed:
        """Another shim holds the lock, begun by an engine that was killed: it says soon who runs, or it lets go."""
        end = self._clock.monotonic() + _STATUS_S
        while not ((status := folder.status()) and status.shim_alive) and self._clock.monotonic() < end:
            with files.locked(folder.lock) as free:
                if free:
                    break
            await self._clock.sleep(_PAUSE_S)
        return await self.observe(folder.path.name)

    async def observe(self, instance: str) -> Observed:
        folder = Folder(self._root, instance)
        while status := folder.status():
            if status.shim_alive:
                return Observed(Phase.RUNNING, status.pid, status.began)
            if folder.exit() or await leftovers.settle(folder, status, self._mark(instance), self._clock.wall()):
                break
            await self._clock.sleep(_PAUSE_S)
        return _ended(folder)

    async def ended(self, instance: str) -> Observed:
        folder = Folder(self._root, instance)
        while (status := folder.status()) and status.shim_alive:
            await waiting.until_gone(status.shim_pid, status.shim_start)
        return await self.observe(instance)

    async def stop(self, instance: str, policy: StopPolicy) -> Observed:
        folder = Folder(self._root, instance)
        order = spawning.stop_order(policy)
        status = folder.status()
        if status and status.shim_alive:
            with contextlib.suppress(OSError):  # a full disk: it then stops as it was told at its start
                folder.order(order)
            waiting.send(status.shim_pid, status.shim_start, signal.SIGTERM)
            await self._gone(status, policy.grace_s + _PATIENCE_S)
        return await self.observe(instance)

    async def _gone(self, status: Status, within_s: float) -> None:
        """Wait for the shim; one that does not come to an end (stopped, say) is killed, and its leftovers are ours."""
        gone = asyncio.create_task(waiting.until_gone(status.shim_pid, status.shim_start))
        late = asyncio.create_task(self._clock.sleep(within_s))
        try:
            await asyncio.wait({gone, late}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                waiting.send(status.shim_pid, status.shim_start, signal.SIGKILL)
                await gone
        finally:
            gone.cancel()
            late.cancel()
            await asyncio.gather(gone, late, return_exceptions=True)

    async def remove(self, instance: str) -> None:
        folder = Folder(self._root, instance)
        async with self._busy[instance]:
            if (await self.observe(instance)).running:
                raise Conflict(f"{instance}: it runs; stop it before it is removed")
            if folder.path.is_dir():
                cgroup.remove(folder.cgroups())
                self._remove(folder)
        self._busy.pop(instance, None)

    @staticmethod
    def _remove(folder: Folder) -> None:
        try:
            with files.locked(folder.lock) as ours:
                if not ours:
                    raise Conflict(f"{folder.path.name}: it is being started")
                folder.remove()
        except OSError as error:
            raise unusable(folder.path, error) from error

    async def instances(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if (path / "launch.json").exists())

    async def usage(self, instance: str) -> Usage | None:
        folder = Folder(self._root, instance)
        status = folder.status()
        if status is None or not status.shim_alive:
            return None
        return usage.of(folder.cgroups(), status.shim_pid)

    def logs(
        self, instance: str, *, tail: int | None = None, since: float | None = None, follow: bool = False
    ) -> AsyncIterator[LogLine]:
        return logs.read(Folder(self._root, instance).log, tail=tail, since=since, follow=follow, clock=self._clock)

    async def execute(self, launch: Launch, *, timeout_s: float) -> tuple[int, str]:
        cell = self._cell(
            launch, f"{launch.id}.once-{hashlib.sha256(repr(self._clock.monotonic()).encode()).hexdigest()[:8]}"
        )
        plan = spawning.plan(launch, cell, self._environment(launch), folder=None, timeout_s=timeout_s)
        match await spawning.once(plan):
            case spawning.Refused() as refused:
                raise refusals.explained(launch, refused)
            case spawning.Finished(code, output):
                return code, output

    async def tidy(self) -> None:
        pass

    async def close(self) -> None:
        pass


def _ended(folder: Folder) -> Observed:
    exited = folder.exit()
    if exited is None:
        return Observed(Phase.ABSENT)
    status = folder.status()
    return Observed(Phase.ENDED, None, status.began if status else None, exited.code, exited.reason)
