"""Keeps one instance alive: starts it, asks it how it does, restarts it with a growing pause, and says so.

A keeper holds no wanted state of its own: it runs for as long as the fleet wants its instance. Everything it learns is
in `report`, and `changed` is called whenever that changes.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from fairlead.engine.journal.records import Instance
from fairlead.engine.runtime import Launch, Observed, Runtime, StopPolicy
from fairlead.errors import FairleadError
from fairlead.kit.background import Background, to_the_end
from fairlead.kit.clock import Clock
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service

STARTUP_EVERY_S = 0.1
"""Time between two questions while an instance starts: what a release waits for should not wait for a probe."""

LAST_LINES = 8
"""Lines of output shown when an instance ends by itself."""


class State(enum.StrEnum):
    """What an instance is doing, in the words that a person reads."""

    STARTING = "starting"
    READY = "ready"
    NOT_READY = "not ready"
    BACKING_OFF = "backing off"
    CRASH_LOOPING = "crash-looping"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Report:
    """The state of one instance. `problem` says why it is not ready, with the last lines of its output if it ended."""

    state: State = State.STARTING
    pid: int | None = None
    since: float | None = None
    restarts: int = 0
    problem: str | None = None
    failures: int = 0
    """Ends in a row, each before the run was stable."""

    refused: bool = False
    """Whether it could not even be started: a program or a secret is missing."""

    asked: bool = False
    """Whether it has been asked once since this engine started: before that, nothing is known of an adopted one."""

    address: str = "127.0.0.1"
    """Where its ports are."""

    @property
    def ready(self) -> bool:
        return self.state is State.READY


@dataclass(frozen=True, slots=True)
class Tools:
    """What every keeper uses."""

    runtime: Runtime
    clock: Clock
    redact: Callable[[str], str]


class Supply(Protocol):
    """What an instance is started with, and how it is asked. Worked out anew each time: addresses, secrets and free
    ports change."""

    def renew(self, instance: Instance) -> Instance:
        """The instance with ports that are free now."""

    def launch(self, instance: Instance) -> Launch:
        """Everything the runtime needs."""

    async def ask(self, instance: Instance, probe: Probe | None) -> str | None:
        """One question to the running instance: `None` when it answers well, else why not."""


class Keeper:
    """One instance and what keeps it alive."""

    def __init__(
        self,
        instance: Instance,
        spec: Service,
        tools: Tools,
        supply: Supply,
        changed: Callable[[], None],
    ) -> None:
        self.instance = instance
        self.spec = spec
        self.report = Report()
        self._tools = tools
        self._supply = supply
        self._changed = changed
        self._keeping = Background(f"keep {instance.id}")

    def begin(self) -> None:
        """Start it, or adopt it if it runs already, and keep it alive from now on."""
        self._keeping.begin(self._keep)

    async def let_go(self) -> None:
        """Stop keeping it; the instance itself goes on (the engine is ending)."""
        await self._keeping.end()

    async def end(self) -> None:
        """Stop keeping it, then stop the instance by its own policy."""
        self._say(state=State.STOPPING, problem=None)
        await self.let_go()
        await self._tools.runtime.stop(self.instance.id, StopPolicy(self.spec.stop.signal, self.spec.stop.grace))
        self._say(state=State.STOPPED, pid=None)

    async def restart(self) -> None:
        """Stop it and start it again, without counting that as a failure."""
        await self.end()
        self.report = Report(restarts=self.report.restarts + 1)
        self.begin()

    async def _keep(self) -> None:
        while True:
            began = self._tools.clock.monotonic()
            reason = await self._run_once()
            if self.instance.leaving:
                self._say(state=State.STOPPED, pid=None, asked=True)
                return
            ran_s = self._tools.clock.monotonic() - began
            failures = 1 if ran_s >= self.spec.restart.stable else self.report.failures + 1
            looping = failures >= self.spec.restart.crash_loop
            state = State.CRASH_LOOPING if looping else State.BACKING_OFF
            self._say(state=state, pid=None, problem=reason, failures=failures, asked=True)
            await self._tools.clock.sleep(self._pause(failures))
            self._say(restarts=self.report.restarts + 1)

    def _pause(self, failures: int) -> float:
        policy = self.spec.restart
        return min(policy.backoff * 2.0 ** min(failures - 1, 30), policy.backoff_max)

    async def _run_once(self) -> str:
        """Start or adopt it, ask it until it ends or has to be ended, and say why it ended."""
        try:
            observed = await self._tools.runtime.observe(self.instance.id)
            adopted = observed.running
            if not adopted and self.instance.leaving:
                return "stopped"
            if not adopted:
                self._say(state=self._starting(), problem=self.report.problem)
                self.instance = self._supply.renew(self.instance)
                # whole, or not at all: what is stopped amid its start would begin to run after that
                observed = await to_the_end(self._tools.runtime.start(self._supply.launch(self.instance)))
        except FairleadError as error:
            self._say(refused=True)
            return self._tools.redact(error.message)
        self._say(pid=observed.pid, since=observed.started_at, refused=False, address=observed.address)
        try:
            return await self._until_ended(adopted)
        except FairleadError as error:  # the runtime failed, not the instance: what became of it is asked again
            return self._tools.redact(error.message)

    def _starting(self) -> State:
        """A start amid a crash loop is still part of the loop until it has been ready."""
        return State.CRASH_LOOPING if self.report.state is State.CRASH_LOOPING else State.STARTING

    async def _until_ended(self, adopted: bool) -> str:
        ended = asyncio.create_task(self._tools.runtime.ended(self.instance.id))
        asking = asyncio.create_task(self._ask(adopted))
        try:
            await asyncio.wait({ended, asking}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return await self._why(ended.result())
            reason = asking.result()
            await self._tools.runtime.stop(self.instance.id, StopPolicy(self.spec.stop.signal, self.spec.stop.grace))
            return f"{reason}{await self._last_lines()}"
        finally:
            for task in (ended, asking):
                task.cancel()
            await asyncio.gather(ended, asking, return_exceptions=True)

    async def _ask(self, adopted: bool) -> str:
        """Startup, then readiness and liveness; returns the reason for which the instance has to be restarted."""
        probes = self.spec.probes
        if not adopted and (failed := await self._ask_startup(probes.startup or probes.readiness)):
            return failed
        readiness = asyncio.create_task(self._ask_readiness(probes.readiness))
        try:
            return await self._ask_liveness(probes.liveness)
        finally:
            readiness.cancel()
            await asyncio.gather(readiness, return_exceptions=True)

    async def _ask_startup(self, probe: Probe | None) -> str | None:
        clock = self._tools.clock
        within = probe.within if probe else 60.0
        began = clock.monotonic()
        passed, answer = 0, None
        while (waited := clock.monotonic() - began) < within:
            answer = await self._answer(probe)
            passed = 0 if answer else passed + 1
            if passed and passed >= (probe.successes if probe else 1):
                return None
            if answer and not self.report.failures:  # why it ended before is worth more than that it starts again
                self._say(problem=answer)
            await clock.sleep(STARTUP_EVERY_S if waited < 10 else STARTUP_EVERY_S * 2.5)
        return f"not started within {within:g} s: {answer}"

    async def _ask_readiness(self, probe: Probe | None) -> None:
        """For ever: ready at first after a start, then as the probe says."""
        every, failures, successes = (probe.every, probe.failures, probe.successes) if probe else (5.0, 3, 1)
        failed, passed = 0, 0
        while True:
            answer = await self._answer(probe)
            failed, passed = (failed + 1, 0) if answer else (0, passed + 1)
            if not answer and (passed >= successes or not self.report.asked):
                self._say(state=State.READY, problem=None, asked=True)
            elif failed >= failures or not self.report.asked:
                self._say(state=State.NOT_READY, problem=answer, asked=True)
            settled = self.report.ready and failed == 0
            await self._tools.clock.sleep(every if settled else min(every, 1.0))

    async def _ask_liveness(self, probe: Probe | None) -> str:
        if probe is None:
            await asyncio.get_running_loop().create_future()  # only the end of the process ends it
        assert probe is not None  # noqa: S101 - the line above never returns
        failed = 0
        while True:
            await self._tools.clock.sleep(probe.every)
            answer = await self._answer(probe)
            failed = failed + 1 if answer else 0
            if failed >= probe.failures:
                return f"liveness probe failed {failed} times: {answer}"

    async def _answer(self, probe: Probe | None) -> str | None:
        return await self._supply.ask(self.instance, probe)

    async def _why(self, observed: Observed) -> str:
        return f"{observed.reason or f'exited with {observed.exit_code}'}{await self._last_lines()}"

    async def _last_lines(self) -> str:
        lines = [line.text async for line in self._tools.runtime.logs(self.instance.id, tail=LAST_LINES)]
        return self._tools.redact("".join(f"\n  {line}" for line in lines))

    def _say(self, **news: object) -> None:
        fresh = replace(self.report, **news)  # type: ignore[arg-type]  # the names are Report's own
        if fresh != self.report:
            self.report = fresh
            self._changed()
