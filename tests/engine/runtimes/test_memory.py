"""What the twin in memory can tell beyond the promises: stories on a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from fairlead.engine.runtime import Launch, Observed, Phase, StopPolicy
from fairlead.engine.runtimes.memory import MemoryRuntime, Program
from fairlead.errors import RuntimeFailure
from fairlead.kit.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runtime(clock: FakeClock) -> MemoryRuntime:
    return MemoryRuntime(clock)


def _launch(instance: str = "web-1", *argv: str) -> Launch:
    return Launch(instance, argv or ("web",), Path("/"), {})


async def test_a_program_ends_when_its_time_has_come_and_not_before(runtime: MemoryRuntime, clock: FakeClock) -> None:
    """On the clock that was given."""
    runtime.program("web", Program(exits_after_s=3.0, code=2))
    await runtime.start(_launch())

    await clock.advance(2.9)
    assert (await runtime.observe("web-1")).running
    await clock.advance(0.2)

    assert (await runtime.ended("web-1")).exit_code == 2


async def test_a_program_that_ignores_the_signal_takes_the_whole_grace(
    runtime: MemoryRuntime, clock: FakeClock
) -> None:
    """And is then killed."""
    runtime.program("web", Program(stops_in_s=math.inf))
    await runtime.start(_launch())
    stopping = asyncio.create_task(runtime.stop("web-1", StopPolicy("SIGTERM", 10.0)))

    await clock.advance(9.9)
    assert not stopping.done()
    await clock.advance(0.2)

    assert (await stopping).exit_code == 137


async def test_a_slow_stop_within_the_grace_ends_by_its_own_signal(runtime: MemoryRuntime, clock: FakeClock) -> None:
    """As a server that drains."""
    runtime.program("web", Program(stops_in_s=4.0))
    await runtime.start(_launch())
    stopping = asyncio.create_task(runtime.stop("web-1", StopPolicy("SIGTERM", 10.0)))

    await clock.advance(4.1)

    assert (await stopping).exit_code == 143


async def test_a_crash_ends_it_now_with_its_reason(runtime: MemoryRuntime) -> None:
    """Whoever waits is told."""
    await runtime.start(_launch())
    waiting = asyncio.create_task(runtime.ended("web-1"))

    runtime.crash("web-1", 137, "out of memory")

    ended = await waiting
    assert (ended.phase, ended.exit_code, ended.reason) == (Phase.ENDED, 137, "out of memory")


async def test_a_program_that_refuses_raises_what_it_was_told_to(runtime: MemoryRuntime) -> None:
    """Until it is told otherwise."""
    runtime.program("web", Program(refuses=RuntimeFailure("not today")))
    with pytest.raises(RuntimeFailure, match="not today"):
        await runtime.start(_launch())

    runtime.program("web", Program())

    assert (await runtime.start(_launch())).running
    assert [launch.id for launch in runtime.launches] == ["web-1"]


async def test_a_behaviour_can_be_given_to_one_instance_only(runtime: MemoryRuntime, clock: FakeClock) -> None:
    """By a question to its launch."""
    runtime.program(lambda launch: launch.id == "web-2", Program(exits_after_s=1.0, code=9))
    await runtime.start(_launch("web-1"))
    await runtime.start(_launch("web-2"))

    await clock.advance(2.0)

    assert (await runtime.observe("web-1")).running
    assert (await runtime.observe("web-2")).exit_code == 9


async def test_the_end_of_an_earlier_run_does_not_end_the_next_one(runtime: MemoryRuntime, clock: FakeClock) -> None:
    """A restart is a new program with a new time to live."""
    runtime.program("web", Program(exits_after_s=5.0))
    await runtime.start(_launch())
    await clock.advance(3.0)
    await runtime.stop("web-1", StopPolicy())
    again = await runtime.start(_launch())

    await clock.advance(3.0)

    assert await runtime.observe("web-1") == again


async def test_what_an_instance_says_reaches_who_follows(runtime: MemoryRuntime) -> None:
    """At once, without turning the clock."""
    await runtime.start(_launch())
    following = runtime.logs("web-1", follow=True)
    first = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)

    runtime.say("web-1", "hello", "err")

    line = await first
    assert (line.stream, line.text) == ("err", "hello")


async def test_pids_are_none_that_a_real_process_can_have(runtime: MemoryRuntime) -> None:
    """A test that sends a signal to one must hit nobody."""
    started = await runtime.start(_launch())

    assert started.pid
    assert started.pid > 1 << 22


async def test_a_removed_instance_may_be_removed_while_someone_waits(runtime: MemoryRuntime) -> None:
    """They find it gone."""
    await runtime.start(_launch())
    await runtime.stop("web-1", StopPolicy())
    await runtime.remove("web-1")

    assert await runtime.ended("web-1") == Observed(Phase.ABSENT)
