"""What goes wrong on a real machine: shims and engines killed, programs that won't end, disks that are full."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fairlead.engine.limits.rlimit import Rlimits
from fairlead.engine.runtime import Limits, Phase, StopPolicy
from fairlead.engine.runtimes import process
from fairlead.engine.runtimes.folder import Folder, Status
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import StateError
from fairlead.kit import proc

from .conftest import AT_ONCE, Bench, marked

LEAVES = "setsid sh -c 'setsid sh -c \"echo ready; exec sleep 600\" & exec sleep 600' & exec sleep 600"
"""Leaves the program's session twice, the second time through a parent that goes on."""

DAEMONIZES = "(setsid sh -c 'sleep 600 & echo ready $!; exec sleep 600' &) ; sleep 600"
"""Its descendants lose their parent at once."""

STUBBORN = "trap '' TERM; (trap '' TERM; setsid sleep 600 &) ; echo ready; while :; do sleep 600; done"

SHORT = StopPolicy("SIGTERM", 0.3)


@pytest.fixture(params=["best", "rlimit"])
async def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench with the best limits that this machine has, and one with none of its cgroups."""
    limiter = Rlimits() if request.param == "rlimit" else None
    runtime = ProcessRuntime(tmp_path / "instances", limiter=limiter)
    bench = Bench(runtime, tmp_path)
    yield bench
    await bench.clear()
    assert marked(runtime.tag) == []


def _status(bench: Bench) -> Status:
    status = Folder(bench.folder / "instances", "one").status()
    assert status
    return status


def _left(bench: Bench) -> list[int]:
    assert isinstance(bench.runtime, ProcessRuntime)
    return marked(bench.runtime.tag)


def _again(bench: Bench) -> Bench:
    """As an engine that comes back sees it."""
    assert isinstance(bench.runtime, ProcessRuntime)
    return Bench(ProcessRuntime(bench.folder / "instances", limiter=bench.runtime.limiter), bench.folder)


@pytest.mark.parametrize("script", [LEAVES, DAEMONIZES, STUBBORN])
async def test_nothing_is_left_of_a_stopped_instance(anywhere: Bench, script: str) -> None:
    """Whatever it has forked, into whatever session, and whatever signal it ignores."""
    await anywhere.runtime.start(anywhere.sh(script))
    await anywhere.said("ready")

    ended = await anywhere.runtime.stop("one", SHORT)

    assert ended.phase is Phase.ENDED
    assert _left(anywhere) == []


@pytest.mark.parametrize("script", [LEAVES, DAEMONIZES, STUBBORN])
async def test_nothing_is_left_of_an_instance_whose_shim_was_killed(anywhere: Bench, script: str) -> None:
    """Nobody saw it end, so it has no exit code; a second look changes nothing."""
    await anywhere.runtime.start(anywhere.sh(script))
    await anywhere.said("ready")

    os.kill(_status(anywhere).shim_pid, signal.SIGKILL)
    ended = await anywhere.runtime.ended("one")

    assert (ended.phase, ended.exit_code, ended.reason) == (Phase.ENDED, None, "its shim was killed")
    assert _left(anywhere) == []
    assert await anywhere.runtime.stop("one", AT_ONCE) == ended
    assert (await anywhere.lines())[-1] == "[fairlead] ended: its shim was killed"


async def test_the_program_dies_with_its_shim_without_anyone_looking(local: Bench) -> None:
    """A port must not stay taken until the engine is back."""
    await local.runtime.start(local.launch())
    status = _status(local)
    descriptor = os.pidfd_open(status.pid)

    os.kill(status.shim_pid, signal.SIGKILL)
    await asyncio.get_running_loop().run_in_executor(None, _poll, descriptor)

    assert not proc.alive(status.pid, status.start)


def _poll(descriptor: int) -> None:
    import select

    select.select([descriptor], [], [])
    os.close(descriptor)


async def test_an_instance_whose_shim_was_killed_can_be_started_again(anywhere: Bench) -> None:
    """Even before anyone has looked after what was left."""
    await anywhere.runtime.start(anywhere.sh(LEAVES))
    await anywhere.said("ready")
    before = _left(anywhere)
    os.kill(_status(anywhere).shim_pid, signal.SIGKILL)
    await _gone(_status(anywhere))

    started = await anywhere.runtime.start(anywhere.launch())

    assert started.running
    assert set(_left(anywhere)) & set(before) == set()


async def _gone(status: Status) -> None:
    while proc.alive(status.shim_pid, status.shim_start):  # noqa: ASYNC110 - not a child of this process
        await asyncio.sleep(0.005)


async def test_what_a_program_leaves_behind_when_it_ends_is_ended_too(anywhere: Bench) -> None:
    """The next start must find its ports free."""
    await anywhere.runtime.start(anywhere.sh("setsid sleep 600 & sleep 600 & exit 4"))

    ended = await anywhere.runtime.ended("one")

    assert ended.exit_code == 4
    assert _left(anywhere) == []


async def test_a_program_that_was_halted_is_stopped_in_good_order(local: Bench) -> None:
    """It goes on for that, so it can act on the signal."""
    await local.runtime.start(local.sh("trap 'echo tidy; exit 0' TERM; echo ready; while :; do sleep 0.01; done"))
    await local.said("ready")
    os.kill(_status(local).pid, signal.SIGSTOP)

    ended = await local.runtime.stop("one", StopPolicy("SIGTERM", 30.0))

    assert ended.exit_code == 0
    assert "tidy" in await local.lines()


async def test_a_halted_program_that_ignores_the_signal_is_killed(local: Bench) -> None:
    """SIGKILL needs no one to go on."""
    await local.runtime.start(local.launch("deaf"))
    await local.said("ready")
    os.killpg(_status(local).pid, signal.SIGSTOP)

    assert (await local.runtime.stop("one", SHORT)).exit_code == 137


async def test_workers_of_a_wrapper_have_the_whole_grace(local: Bench) -> None:
    """`sh -c` ends at once; the server that it started is still draining."""
    server = "trap 'sleep 0.3; echo drained; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    await local.runtime.start(local.sh(f"sh -c \"{server}\" & trap 'exit 0' TERM; wait"))
    await local.said("ready")

    await local.runtime.stop("one", StopPolicy("SIGTERM", 30.0))

    assert "drained" in await local.lines()


async def test_a_second_stop_can_shorten_the_grace_of_the_first(local: Bench) -> None:
    """Who asks twice has lost patience."""
    await local.runtime.start(local.launch("deaf"))
    await local.said("ready")
    patient = asyncio.create_task(local.runtime.stop("one", StopPolicy("SIGTERM", 3600.0)))

    ended = await local.runtime.stop("one", SHORT)

    assert ended.exit_code == 137
    assert await patient == ended


async def test_a_shim_that_does_not_answer_is_killed_and_its_program_with_it(
    anywhere: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was halted, say."""
    monkeypatch.setattr(process, "_PATIENCE_S", 0.1)
    await anywhere.runtime.start(anywhere.sh(LEAVES))
    await anywhere.said("ready")
    os.kill(_status(anywhere).shim_pid, signal.SIGSTOP)

    ended = await anywhere.runtime.stop("one", SHORT)

    assert ended.reason == "its shim was killed"
    assert _left(anywhere) == []


async def test_an_engine_that_comes_back_finds_everything_as_it_was(anywhere: Bench) -> None:
    """Running and ended ones, their output, what they use; and it can stop them."""
    started = await anywhere.runtime.start(anywhere.launch())
    await anywhere.runtime.start(anywhere.launch("exits", "two"))
    await anywhere.runtime.ended("two")
    await anywhere.said("ready")

    back = _again(anywhere)

    assert await back.runtime.instances() == ["one", "two"]
    assert await back.runtime.observe("one") == started
    assert await back.runtime.start(back.launch()) == started
    assert (await back.runtime.observe("two")).exit_code == 3
    assert await back.lines() == ["ready"]
    assert await back.runtime.usage("one") is not None
    waiting = asyncio.create_task(back.runtime.ended("one"))
    assert (await back.runtime.stop("one", AT_ONCE)) == await waiting


async def test_engines_that_start_the_same_instance_at_once_start_it_once(local: Bench) -> None:
    """The lock of the instance decides, not the engine."""
    engines = [_again(local) for _ in range(4)]

    starts = await asyncio.gather(*(engine.runtime.start(local.launch()) for engine in engines for _ in range(5)))
    await local.said("ready")

    assert len({observed.pid for observed in starts}) == 1
    assert await local.lines() == ["ready"]
    assert len(_left(local)) == 1


ENGINE = """
import asyncio, os, signal, sys, threading
from pathlib import Path
from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.process import ProcessRuntime

async def main():
    runtime = ProcessRuntime(Path(sys.argv[1]))
    launch = Launch("one", ("/bin/sh", "-c", "echo ready; exec sleep 600"), Path("/"), {"PATH": os.defpath})
    threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGKILL)).start()
    await runtime.start(launch)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("attempt", range(8))
async def test_an_engine_killed_at_any_moment_of_a_start_leaves_one_instance_or_none(
    local: Bench, attempt: int
) -> None:
    """The next engine starts it, or finds it; in both cases it runs once."""
    after_s = random.Random(attempt).uniform(0.0, 0.06)  # a start takes some 30 ms
    root = local.folder / "instances"
    engine = await asyncio.create_subprocess_exec(sys.executable, "-c", ENGINE, str(root), str(after_s))
    assert await engine.wait() == -signal.SIGKILL

    started = await local.runtime.start(local.launch())
    await local.said("ready")

    assert started.running
    assert (await local.lines()).count("ready") == 1
    assert _left(local) == [started.pid]


async def test_an_engine_killed_during_a_command_takes_the_command_with_it(tmp_path: Path) -> None:
    """A hook without anyone to hear its answer must not go on."""
    runtime = ProcessRuntime(tmp_path / "instances")
    bench = Bench(runtime, tmp_path)
    os.mkfifo(tmp_path / "fifo")
    running = asyncio.create_task(runtime.execute(bench.sh("echo > fifo; sleep 600"), timeout_s=600))
    await asyncio.to_thread((tmp_path / "fifo").read_text)
    (pid, *_) = marked(runtime.tag)
    descriptor = os.pidfd_open(pid)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.to_thread(_poll, descriptor)

    assert marked(runtime.tag) == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, for root only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or subprocess.run(_mount(folder), capture_output=True, check=False).returncode:
        pytest.skip("a disk can't be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]


@pytest.fixture
async def cramped(disk: Path) -> AsyncIterator[Bench]:
    """A bench whose state is on the small disk."""
    bench = Bench(ProcessRuntime(disk / "instances"), disk)
    yield bench
    (disk / "ballast").unlink(missing_ok=True)
    await bench.clear()


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


async def test_a_full_disk_costs_log_lines_which_are_counted_but_not_the_program(cramped: Bench) -> None:
    """And it is told once there is room again, even when the program is silent then."""
    fifo, done = cramped.folder / "fifo", cramped.folder / "done"
    os.mkfifo(fifo)
    os.mkfifo(done)
    echo = "while read line <&3; do if [ $line = end ]; then echo > done; else echo $line; fi; done"
    await cramped.runtime.start(cramped.sh(f"echo ready; exec 3<>fifo; {echo}"))
    await cramped.said("ready")
    _fill(cramped.folder)

    await asyncio.to_thread(fifo.write_text, f"{'x' * 99}\n" * 2000 + "end\n")  # more than a pipe holds
    await asyncio.to_thread(done.read_text)
    (cramped.folder / "ballast").unlink()
    told = await cramped.said("lines were dropped")
    await asyncio.to_thread(fifo.write_text, "still here\n")
    await cramped.said("still here")

    assert told.endswith("lines were dropped: no space left on device")
    lines = await cramped.lines()
    kept = [line for line in lines if line.startswith("x")]
    dropped = sum(int(line.split()[1]) for line in lines if "were dropped" in line)
    assert len(kept) + dropped == 2000
    assert set(kept) == {"x" * 99}


async def test_an_exit_code_is_kept_on_a_full_disk(cramped: Bench) -> None:
    """Its place was taken at the start."""
    fifo = cramped.folder / "fifo"
    os.mkfifo(fifo)
    await cramped.runtime.start(cramped.sh("read line < fifo; exit 7"))
    _fill(cramped.folder)

    await asyncio.to_thread(fifo.write_text, "\n")

    assert (await cramped.runtime.ended("one")).exit_code == 7


async def test_an_instance_can_be_stopped_on_a_full_disk(cramped: Bench) -> None:
    """It is then stopped as was said at its start."""
    await cramped.runtime.start(cramped.launch("deaf", stop=SHORT))
    await cramped.said("ready")
    _fill(cramped.folder)

    assert (await cramped.runtime.stop("one", AT_ONCE)).exit_code == 137


async def test_nothing_is_started_on_a_full_disk(cramped: Bench) -> None:
    """It could not be found again."""
    _fill(cramped.folder)

    with pytest.raises(StateError, match="no space left on device"):
        await cramped.runtime.start(cramped.launch())

    assert _left(cramped) == []


async def test_a_state_folder_that_can_not_be_written_is_a_clear_error(disk: Path) -> None:
    """Which folder, and why."""
    runtime = ProcessRuntime(disk / "instances")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)  # noqa: ASYNC221 - it takes no time

    with pytest.raises(StateError, match=r"disk/instances/one: can't write .* read-only file system"):
        await runtime.start(Bench(runtime, disk).launch(limits=Limits(open_files=100)))

    assert await runtime.instances() == []
    assert marked(runtime.tag) == []
