"""What every runtime promises; the engine is written against this and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.engine.runtime import Observed, Phase, StopPolicy
from fairlead.errors import BinaryMissing, Conflict, RuntimeFailure

from .conftest import AT_ONCE, MISSING, Bench

ABSENT = Observed(Phase.ABSENT)


async def test_what_was_started_runs_with_a_pid_and_a_time(bench: Bench) -> None:
    """`start` returns what `observe` then says."""
    started = await bench.runtime.start(bench.launch())

    assert started.running
    assert started.pid
    assert started.started_at
    assert await bench.runtime.observe("one") == started


async def test_starting_again_what_runs_changes_nothing(bench: Bench) -> None:
    """The engine may repeat a start after a crash of its own."""
    first = await bench.runtime.start(bench.launch())

    assert await bench.runtime.start(bench.launch()) == first


async def test_twenty_starts_at_once_are_one_instance(bench: Bench) -> None:
    """They all find the same program."""
    starts = await asyncio.gather(*(bench.runtime.start(bench.launch()) for _ in range(20)))

    assert len({observed.pid for observed in starts}) == 1


async def test_the_end_is_told_to_everyone_who_waits(bench: Bench) -> None:
    """With the exit code and a reason in words."""
    await bench.runtime.start(bench.launch("exits"))

    ends = await asyncio.gather(*(bench.runtime.ended("one") for _ in range(3)))

    assert {(end.phase, end.exit_code, end.reason) for end in ends} == {(Phase.ENDED, 3, "exited with 3")}


async def test_a_stopped_instance_ends_by_the_signal_of_the_policy(bench: Bench) -> None:
    """128 + n, as a shell says it."""
    await bench.runtime.start(bench.launch())
    await bench.said("ready")

    ended = await bench.runtime.stop("one", StopPolicy("SIGINT", 30.0))

    assert (ended.phase, ended.exit_code) == (Phase.ENDED, 130)
    assert await bench.runtime.ended("one") == ended


async def test_an_instance_that_ignores_the_signal_is_killed_after_the_grace(bench: Bench) -> None:
    """A grace is not a wish."""
    await bench.runtime.start(bench.launch("deaf"))
    await bench.said("ready")

    ended = await bench.runtime.stop("one", StopPolicy("SIGTERM", 0.2))

    assert ended.exit_code == 137


async def test_stopping_what_has_ended_or_never_was_is_not_an_error(bench: Bench) -> None:
    """It says what is."""
    await bench.runtime.start(bench.launch("exits"))
    ended = await bench.runtime.ended("one")

    assert await bench.runtime.stop("one", AT_ONCE) == ended
    assert await bench.runtime.stop("never", AT_ONCE) == ABSENT


async def test_an_instance_never_heard_of_is_absent(bench: Bench) -> None:
    """Nothing waits for it, and it has no output."""
    assert await bench.runtime.observe("never") == ABSENT
    assert await bench.runtime.ended("never") == ABSENT
    assert await bench.runtime.usage("never") is None
    assert await bench.lines("never") == []
    assert await bench.runtime.instances() == []


async def test_a_missing_program_is_named(bench: Bench) -> None:
    """The user has to install it."""
    with pytest.raises(BinaryMissing, match=MISSING):
        await bench.runtime.start(bench.launch("missing"))

    assert not (await bench.runtime.observe("one")).running


async def test_a_removed_instance_is_forgotten(bench: Bench) -> None:
    """And removing it twice is not an error."""
    await bench.runtime.start(bench.launch("exits"))
    await bench.runtime.ended("one")

    await bench.runtime.remove("one")
    await bench.runtime.remove("one")

    assert await bench.runtime.observe("one") == ABSENT
    assert await bench.lines() == []


async def test_a_running_instance_is_not_removed(bench: Bench) -> None:
    """It would be lost."""
    await bench.runtime.start(bench.launch())

    with pytest.raises(Conflict):
        await bench.runtime.remove("one")

    assert (await bench.runtime.observe("one")).running


async def test_an_ended_instance_can_be_started_again_and_its_log_goes_on(bench: Bench) -> None:
    """A restart must not take the evidence away."""
    await bench.runtime.start(bench.launch("exits"))
    await bench.runtime.ended("one")

    started = await bench.runtime.start(bench.launch())
    await bench.said("ready")

    assert started.running
    assert await bench.lines() == ["bye", "[fairlead] ended: exited with 3", "ready"]


async def test_every_instance_is_listed_whether_it_runs_or_has_ended(bench: Bench) -> None:
    """After a crash, the engine asks this first."""
    await bench.runtime.start(bench.launch("exits", "b"))
    await bench.runtime.start(bench.launch("runs", "a"))
    await bench.runtime.ended("b")

    assert await bench.runtime.instances() == ["a", "b"]


async def test_a_running_instance_says_what_it_uses(bench: Bench) -> None:
    """One that has ended uses nothing."""
    await bench.runtime.start(bench.launch())
    await bench.said("ready")
    usage = await bench.runtime.usage("one")
    await bench.runtime.stop("one", AT_ONCE)

    assert usage is not None
    assert usage.memory_bytes > 0
    assert usage.cpu_seconds >= 0
    assert await bench.runtime.usage("one") is None


async def test_what_an_instance_uses_may_be_asked_while_it_ends(bench: Bench) -> None:
    """It is not always known then, and never an error."""
    await bench.runtime.start(bench.launch())
    await bench.said("ready")
    ending = asyncio.create_task(bench.runtime.stop("one", AT_ONCE))
    while not ending.done():
        await bench.runtime.usage("one")
        await asyncio.sleep(0)
    await ending

    assert await bench.runtime.usage("one") is None


async def test_output_is_told_from_its_end_or_from_a_moment_on(bench: Bench) -> None:
    """`tail` counts lines, `since` is exclusive."""
    await bench.runtime.start(bench.launch("exits"))
    await bench.runtime.ended("one")
    first, last = [line async for line in bench.runtime.logs("one")]

    assert (first.text, first.stream) == ("bye", "out")
    assert [line async for line in bench.runtime.logs("one", tail=1)] == [last]
    assert [line async for line in bench.runtime.logs("one", tail=0)] == []
    assert [line async for line in bench.runtime.logs("one", tail=9)] == [first, last]
    assert first not in [line async for line in bench.runtime.logs("one", since=first.at)]
    assert [line async for line in bench.runtime.logs("one", since=last.at)] == []


async def test_following_goes_on_until_the_instance_is_removed(bench: Bench) -> None:
    """Over its end, too: it may be started again."""
    await bench.runtime.start(bench.launch("runs"))
    following = bench.runtime.logs("one", follow=True)
    heard = [(await anext(following)).text]

    await bench.runtime.stop("one", StopPolicy("SIGTERM", 10.0))
    heard.append((await anext(following)).text)
    await bench.runtime.remove("one")
    heard += [line.text async for line in following]

    assert heard == ["ready", "[fairlead] ended: ended by signal 15"]


async def test_a_command_run_once_gives_its_code_and_output_and_is_no_instance(bench: Bench) -> None:
    """As a hook or a probe is run."""
    assert await bench.runtime.execute(bench.launch("exits"), timeout_s=30) == (3, "bye\n")
    assert await bench.runtime.instances() == []


async def test_a_command_that_takes_too_long_is_killed_and_says_124(bench: Bench) -> None:
    """What it said until then is kept."""
    assert await bench.runtime.execute(bench.launch("hangs"), timeout_s=0.5) == (124, "begun\n")


async def test_a_missing_command_is_named(bench: Bench) -> None:
    """The same error as for a service."""
    with pytest.raises(BinaryMissing, match=MISSING):
        await bench.runtime.execute(bench.launch("missing"), timeout_s=30)


async def test_an_unknown_signal_is_an_error_and_not_another_signal(bench: Bench) -> None:
    """Nothing is stopped by it."""
    await bench.runtime.start(bench.launch())

    with pytest.raises(RuntimeFailure, match="no such signal: SIGNONE"):
        await bench.runtime.stop("one", StopPolicy("SIGNONE"))

    assert (await bench.runtime.observe("one")).running


@pytest.mark.parametrize("instance", ["", "..", "a/b", ".hidden", "a b", "x" * 300])
async def test_an_id_that_can_not_name_a_folder_is_refused(bench: Bench, instance: str) -> None:
    """It would reach outside the state folder."""
    with pytest.raises(RuntimeFailure, match="not an instance id"):
        await bench.runtime.start(bench.launch(instance=instance))
