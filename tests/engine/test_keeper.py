"""Keeping one instance alive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fairlead.engine.journal.records import Instance
from fairlead.engine.keeper import Keeper, Report, State, Tools
from fairlead.engine.runtime import Launch, Observed
from fairlead.engine.runtimes.memory import MemoryRuntime, Program
from fairlead.errors import BinaryMissing, RuntimeFailure
from fairlead.kit.clock import FakeClock
from fairlead.stack.model.network import Probe
from fairlead.stack.model.service import Service

SPEC = {
    "command": "web",
    "ports": {"http": 80},
    "probes": {"readiness": {"http": "/ready", "every": "1s"}, "liveness": {"http": "/alive", "every": "1s"}},
}
WEB = Instance("web-v1-1", "web", "v1", ports={"http": 20001})


@dataclass
class House:
    """A keeper with a scripted runtime and scripted answers; time moves only when told."""

    spec: Service
    clock: FakeClock = field(default_factory=FakeClock)
    answers: list[str | None] = field(default_factory=list)
    """Answers to probes in order; the last one is repeated, none at all means that all is well."""

    def __post_init__(self) -> None:
        self.runtime = MemoryRuntime(self.clock)
        self.told: list[Report] = []
        self.keeper = self.another()

    def another(self) -> Keeper:
        """A second keeper of the same instance, as after a crash of the engine."""
        tools = Tools(self.runtime, self.clock, lambda text: text.replace("hush", "***"))
        return Keeper(WEB, self.spec, tools, self, lambda: self.told.append(self.keeper.report))

    def renew(self, instance: Instance) -> Instance:
        return instance

    def launch(self, instance: Instance) -> Launch:
        return Launch(instance.id, ("web",), Path("/"), {})

    async def ask(self, instance: Instance, probe: Probe | None) -> str | None:
        if len(self.answers) > 1:
            return self.answers.pop(0)
        return self.answers[0] if self.answers else None

    async def lives(self, seconds: float) -> Report:
        self.keeper.begin()
        await self.clock.advance(seconds)
        return self.keeper.report


@pytest.fixture
def house() -> House:
    return House(Service.model_validate(SPEC))


async def test_an_instance_that_answers_is_ready(house: House) -> None:
    """Started once, with its process id known."""
    report = await house.lives(1)
    assert report.state is State.READY
    assert report.pid is not None
    assert len(house.runtime.launches) == 1


async def test_an_instance_that_ends_is_started_again_after_a_growing_pause(house: House) -> None:
    """0.5, 1, 2, 4 seconds by default, and the last lines of its output say why."""
    house.runtime.program("web", Program(says=("cannot open hush",), exits_after_s=0.0, code=3))
    await house.lives(0.2)
    assert house.keeper.report.state is State.BACKING_OFF
    assert house.keeper.report.problem is not None
    assert "exited with 3" in house.keeper.report.problem
    assert "cannot open ***" in house.keeper.report.problem

    starts = []
    for _ in range(4):
        await house.clock.advance(1)
        starts.append(len(house.runtime.launches))
    assert starts == [2, 3, 3, 4]


async def test_one_that_keeps_ending_is_called_crash_looping_until_it_is_ready(house: House) -> None:
    """And is still tried again: what it lacks may come back."""
    house.runtime.program("web", Program(exits_after_s=0.0, code=1))
    report = await house.lives(10)
    assert report.state is State.CRASH_LOOPING
    assert report.failures >= 5

    house.runtime.program("web", Program())
    report = await house.lives(40)
    assert report.state is State.READY
    assert report.problem is None


async def test_a_long_run_starts_the_count_of_failures_again(house: House) -> None:
    """An end a day is not a crash loop."""
    for _ in range(8):
        await house.lives(60)
        house.runtime.crash("web-v1-1")
        await house.clock.advance(0.1)
        assert house.keeper.report.state is State.BACKING_OFF


async def test_a_failing_readiness_probe_takes_it_out_without_a_restart() -> None:
    """Three failures in a row by default; one success brings it back."""
    spec = {"command": "web", "ports": {"http": 80}, "probes": {"readiness": {"http": "/", "every": "1s"}}}
    house = House(Service.model_validate(spec))
    await house.lives(1)
    house.answers[:] = ["busy"]
    await house.clock.advance(5)
    assert house.keeper.report.state is State.NOT_READY
    assert house.keeper.report.problem == "busy"

    house.answers[:] = [None]
    assert (await house.lives(2)).state is State.READY
    assert len(house.runtime.launches) == 1


async def test_a_failing_liveness_probe_restarts_it(house: House) -> None:
    """With the probe's own words as the reason."""
    await house.lives(1)
    house.answers[:] = ["stuck"]
    await house.clock.advance(10)
    assert house.keeper.report.problem is not None
    assert "liveness probe failed 3 times: stuck" in house.keeper.report.problem
    house.answers[:] = [None]
    assert (await house.lives(20)).state is State.READY
    assert len(house.runtime.launches) == 2


async def test_one_that_never_starts_answering_is_ended_and_tried_again() -> None:
    """The startup probe's `within` is the limit."""
    spec = {"command": "web", "ports": {"http": 80}, "probes": {"startup": {"http": "/", "within": "5s"}}}
    house = House(Service.model_validate(spec), answers=["connection refused"])
    report = await house.lives(6)
    assert report.problem is not None
    assert "not started within 5 s: connection refused" in report.problem
    assert report.state in (State.BACKING_OFF, State.STARTING)


async def test_a_running_instance_is_adopted_and_not_started_twice(house: House) -> None:
    """The engine was killed and is back."""
    await house.lives(1)
    await house.keeper.let_go()
    house.keeper = house.another()
    report = await house.lives(1)
    assert report.state is State.READY
    assert len(house.runtime.launches) == 1


async def test_an_instance_that_leaves_is_not_started_again(house: House) -> None:
    """Whatever ended it."""
    await house.lives(1)
    house.keeper.instance = Instance("web-v1-1", "web", "v1", leaving=True, ports={"http": 20001})
    house.runtime.crash("web-v1-1")
    await house.clock.advance(60)
    assert house.keeper.report.state is State.STOPPED
    assert len(house.runtime.launches) == 1


async def test_a_program_that_can_not_be_started_is_a_problem_in_words(house: House) -> None:
    """And is tried again, since somebody may install it."""
    house.runtime.program("web", Program(refuses=BinaryMissing("web: program not found: web")))
    report = await house.lives(0.2)
    assert report.state is State.BACKING_OFF
    assert report.problem == "web: program not found: web"


async def test_letting_go_leaves_the_instance_running(house: House) -> None:
    """The engine ends, services don't."""
    await house.lives(1)
    await house.keeper.let_go()
    assert (await house.runtime.observe("web-v1-1")).running


async def test_an_end_stops_it_by_its_own_policy(house: House) -> None:
    """One that ignores the signal is killed after its grace time."""
    house.runtime.program("web", Program(stops_in_s=float("inf")))
    await house.lives(1)
    ending = asyncio.create_task(house.keeper.end())
    await house.clock.advance(5)
    assert house.keeper.report.state is State.STOPPING
    await house.clock.advance(6)
    await ending
    assert (await house.runtime.observe("web-v1-1")).exit_code == 137


async def test_an_end_amid_a_start_leaves_nothing_running(house: House) -> None:
    """The start is whole first, and what it started is stopped."""
    starts, begun, may_go_on = house.runtime.start, asyncio.Event(), asyncio.Event()

    async def slowly(launch: Launch) -> Observed:
        begun.set()
        await may_go_on.wait()
        return await starts(launch)

    house.runtime.start = slowly  # type: ignore[method-assign]  # a machine that takes its time
    house.keeper.begin()
    await begun.wait()
    ending = asyncio.create_task(house.keeper.end())
    await asyncio.sleep(0)
    may_go_on.set()
    await house.clock.advance(20)
    await ending
    assert len(house.runtime.launches) == 1
    assert not (await house.runtime.observe("web-v1-1")).running


async def test_a_restart_is_counted_and_is_no_failure(house: House) -> None:
    """Asked for by a person."""
    await house.lives(1)
    await house.keeper.restart()
    report = await house.lives(1)
    assert (report.state, report.restarts, report.failures) == (State.READY, 1, 0)


async def test_a_runtime_that_fails_while_it_is_asked_does_not_end_the_keeping(house: House) -> None:
    """The instance goes on; it is found again."""
    watched = house.runtime.ended

    async def fails(instance: str) -> Observed:
        house.runtime.ended = watched  # type: ignore[method-assign]  # once only
        raise RuntimeFailure("the engine of containers ended: hush")

    house.runtime.ended = fails  # type: ignore[method-assign]
    report = await house.lives(0.2)
    assert (report.state, report.problem) == (State.BACKING_OFF, "the engine of containers ended: ***")
    await house.clock.advance(1)
    assert house.keeper.report.ready
    assert len(house.runtime.launches) == 1
