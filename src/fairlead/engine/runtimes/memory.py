"""The twin of the process runtime: instances are objects, programs are scripted, time is the clock that it is given.

It keeps every promise of the `Runtime` seam and ships in the package, so that a release, a crash loop or a slow stop
can be told as a story in a test, without a process and without waiting.

    runtime = MemoryRuntime(clock)
    runtime.program("web", Program(exits_after_s=3, code=1))    # by argv[0], or by a question to the launch
    runtime.crash("web-v1-1", code=137, reason="out of memory")
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from fairlead.engine.runtime import Launch, Limits, LogLine, Observed, Phase, StopPolicy, Usage
from fairlead.engine.runtimes.checks import signal_number, valid_id
from fairlead.errors import Conflict, FairleadError
from fairlead.kit.clock import Clock, SystemClock

_FIRST_PID = 1 << 23
"""Above any that Linux gives (PID_MAX_LIMIT is 2^22), so that no real process is ever hit by a signal to one."""

_TIMED_OUT = 124
_KEPT_CHARACTERS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """How a program behaves; left alone, it runs until it is stopped and then ends at once."""

    says: tuple[str, ...] = ()
    exits_after_s: float | None = None
    """Ends by itself with `code`. `execute` takes `None` as at once; `math.inf` hangs."""

    code: int = 0
    refuses: FairleadError | None = None
    """Raised by `start` and `execute`."""

    stops_in_s: float = 0.0
    """Time it takes from the signal to its end; `math.inf` ignores the signal."""

    memory_bytes: int = 16 * 1024 * 1024


Matches = str | Callable[[Launch], bool]


@dataclass(eq=False)
class _Run:
    """One run of an instance."""

    pid: int
    began: float
    program: Program
    ended: Observed | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class _Instance:
    run: _Run
    lines: list[LogLine] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    removed: bool = False

    def notice(self) -> None:
        """Wake every follower of the log."""
        self.news.set()
        self.news = asyncio.Event()


class MemoryRuntime:
    """Runs nothing, and says what it would have done; `launches` holds every start in order."""

    name = "memory"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._instances: dict[str, _Instance] = {}
        self._programs: list[tuple[Matches, Program]] = []
        self._pids = itertools.count(_FIRST_PID)
        self._tasks: set[asyncio.Task[None]] = set()
        self.launches: list[Launch] = []

    def program(self, matches: Matches, behaviour: Program) -> None:
        """Programs of this argv[0], or of which `matches` is true, behave like this from now on; the last told wins."""
        self._programs.insert(0, (matches, behaviour))

    def crash(self, instance: str, code: int = 1, reason: str | None = None) -> None:
        """Let a running instance end by itself, now."""
        self._finish(self._instances[instance], code, reason)

    def say(self, instance: str, text: str, stream: str = "out") -> None:
        """Add a line to an instance's output."""
        found = self._instances[instance]
        found.lines.append(LogLine(self._clock.wall(), stream, text))
        found.notice()

    @property
    def gateways(self) -> tuple[str, ...]:
        return ()

    def unsupported(self, limits: Limits, *, contained: bool = False) -> list[str]:
        return []

    async def start(self, launch: Launch) -> Observed:
        observed = await self.observe(valid_id(launch.id))
        if observed.running:
            return observed
        program = self._behaviour(launch)
        if program.refuses:
            raise program.refuses
        self.launches.append(launch)
        self._begin(launch, program)
        return await self.observe(launch.id)

    def _behaviour(self, launch: Launch) -> Program:
        for matches, program in self._programs:
            if matches == launch.argv[0] or (callable(matches) and matches(launch)):
                return program
        return Program()

    def _begin(self, launch: Launch, program: Program) -> None:
        run = _Run(next(self._pids), self._clock.wall(), program)
        found = self._instances.setdefault(launch.id, _Instance(run))
        found.run = run
        for text in program.says:
            self.say(launch.id, text)
        if program.exits_after_s is not None:
            self._later(found, run, program.exits_after_s, program.code)

    def _later(self, instance: _Instance, run: _Run, seconds: float, code: int) -> None:
        async def end() -> None:
            if await self._elapses(run, seconds) and instance.run is run:
                self._finish(instance, code, None)

        task = asyncio.create_task(end())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _elapses(self, run: _Run, seconds: float) -> bool:
        """Wait so long, or until the run is over; True when the time has gone by first."""
        over = asyncio.create_task(run.over.wait())
        if seconds == float("inf"):
            await over
            return False
        pause = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({over, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            pause.cancel()
            await asyncio.gather(over, pause, return_exceptions=True)
        return not run.over.is_set()

    def _finish(self, instance: _Instance, code: int, reason: str | None) -> None:
        run = instance.run
        if run.ended is None:
            why = reason or (f"ended by signal {code - 128}" if code > 128 else f"exited with {code}")
            run.ended = Observed(Phase.ENDED, None, run.began, code, why)
            instance.lines.append(LogLine(self._clock.wall(), "err", f"[fairlead] ended: {why}"))
            instance.notice()
            run.over.set()

    async def observe(self, instance: str) -> Observed:
        found = self._instances.get(valid_id(instance))
        if found is None:
            return Observed(Phase.ABSENT)
        run = found.run
        return run.ended or Observed(Phase.RUNNING, run.pid, run.began)

    async def ended(self, instance: str) -> Observed:
        while (found := self._instances.get(instance)) and found.run.ended is None:
            await found.run.over.wait()
        return await self.observe(instance)

    async def stop(self, instance: str, policy: StopPolicy) -> Observed:
        number = signal_number(policy.signal)
        found = self._instances.get(instance)
        if found and found.run.ended is None:
            run, takes_s = found.run, found.run.program.stops_in_s
            kill = takes_s > policy.grace_s
            if (wait_s := min(takes_s, policy.grace_s)) > 0:
                await self._elapses(run, wait_s)
            if found.run is run:
                self._finish(found, 128 + (9 if kill else number), None)
        return await self.observe(instance)

    async def remove(self, instance: str) -> None:
        if (await self.observe(instance)).running:
            raise Conflict(f"{instance}: it runs; stop it before it is removed")
        if found := self._instances.pop(instance, None):
            found.removed = True
            found.notice()

    async def instances(self) -> list[str]:
        return sorted(self._instances)

    async def usage(self, instance: str) -> Usage | None:
        found = self._instances.get(instance)
        return Usage(found.run.program.memory_bytes, 0.0) if found and found.run.ended is None else None

    async def logs(
        self, instance: str, *, tail: int | None = None, since: float | None = None, follow: bool = False
    ) -> AsyncIterator[LogLine]:
        found = self._instances.get(instance)
        if found is None:
            return
        seen = len(found.lines)
        lines = [line for line in found.lines if since is None or line.at > since]
        for line in lines if tail is None else lines[max(0, len(lines) - tail) :]:
            yield line
        while follow and not found.removed:
            if seen == len(found.lines):
                await found.news.wait()
            fresh, seen = found.lines[seen:], len(found.lines)
            for line in fresh:
                yield line

    async def execute(self, launch: Launch, *, timeout_s: float) -> tuple[int, str]:
        program = self._behaviour(launch)
        if program.refuses:
            raise program.refuses
        output = "".join(f"{line}\n" for line in program.says)[-_KEPT_CHARACTERS:]
        takes_s = program.exits_after_s or 0.0
        if takes_s:
            await self._clock.sleep(min(takes_s, timeout_s))
        return (_TIMED_OUT if takes_s > timeout_s else program.code), output

    async def tidy(self) -> None:
        pass

    async def close(self) -> None:
        pass
