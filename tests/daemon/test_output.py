"""The output of services, together and in order."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from fairlead.daemon.output import Output
from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.memory import MemoryRuntime
from fairlead.kit.clock import FakeClock

INSTANCES = ["notes-v1-1", "notes-v2.1-1", "notes-taker-v1-1", "store-db", "router-envoy"]


def launch(id: str) -> Launch:
    return Launch(id, ("sh",), Path("/"), {})


@pytest.fixture
async def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def runtime(clock: FakeClock) -> MemoryRuntime:
    runtime = MemoryRuntime(clock)
    for id in INSTANCES:
        await runtime.start(launch(id))
        await clock.advance(1)
        runtime.say(id, f"from {id}")
    return runtime


@pytest.fixture
def output(runtime: MemoryRuntime) -> Output:
    return Output(runtime, ["notes", "notes-taker"], ["db"])


async def test_lines_of_all_services_come_in_the_order_of_time(output: Output) -> None:
    """With their service and version; the router's access log is left out."""
    lines = await output.lines([], tail=None, since=None)
    assert [(line["service"], line["version"]) for line in lines] == [
        ("notes", "v1"),
        ("notes", "v2.1"),
        ("notes-taker", "v1"),
        ("db", ""),
    ]


async def test_only_those_asked_for_are_shown(output: Output) -> None:
    """The router too, when it is asked for."""
    assert {line["service"] for line in await output.lines(["notes"], tail=None, since=None)} == {"notes"}
    assert [line["text"] for line in await output.lines(["router"], tail=None, since=None)] == ["from router-envoy"]


async def test_a_tail_is_that_of_all_together(output: Output) -> None:
    """The newest lines, whoever wrote them."""
    lines = await output.lines([], tail=2, since=None)
    assert [line["service"] for line in lines] == ["notes-taker", "db"]


async def test_following_goes_on_with_instances_that_come_later(
    output: Output, runtime: MemoryRuntime, clock: FakeClock
) -> None:
    """A release does not end a `logs -f`."""
    async with aclosing(output.follow(["notes"], tail=1, since=None)) as lines:
        assert (await anext(lines))["text"] == "from notes-v2.1-1"
        coming = asyncio.ensure_future(anext(lines))
        await clock.advance(1)
        await runtime.start(launch("notes-v3-1"))
        runtime.say("notes-v3-1", "from v3")
        assert (await coming)["text"] == "from v3"
