"""A real program in its surroundings: what it is given, what is kept of it, why it can't be started."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fairlead.engine.runtime import Limits, LogPolicy, Phase, StopPolicy
from fairlead.engine.runtimes.process import ProcessRuntime
from fairlead.errors import BinaryMissing, RuntimeFailure

from .conftest import Bench

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")


async def _run(bench: Bench, script: str, **changes: Any) -> list[str]:
    await bench.runtime.start(bench.sh(script, **changes))
    await bench.runtime.ended("one")
    return await bench.lines()


async def test_a_program_gets_its_environment_and_directory_and_nothing_else(local: Bench) -> None:
    """Not even a variable of the engine's own."""
    here = local.folder / "here"
    here.mkdir()

    lines = await _run(local, "pwd; /usr/bin/env", cwd=here, environment={"COLOUR": "blue"})

    names = {line.split("=")[0] for line in lines[1:-1]}
    assert lines[0] == str(here)
    assert "COLOUR=blue" in lines
    assert names <= {"COLOUR", "FAIRLEAD_CELL", "PWD", "SHLVL", "_", "OLDPWD"}


async def test_no_value_of_the_environment_is_written_down(local: Bench) -> None:
    """It may be a secret."""
    secret = "correct-horse-" + "battery-staple"
    launch = local.sh("echo begun; exec sleep 600", environment={"PATH": os.defpath, "API_KEY": secret})

    await local.runtime.start(launch)
    await local.said("begun")

    written = [path.read_bytes() for path in (local.folder / "instances").rglob("*") if path.is_file()]
    assert not [content for content in written if secret.encode() in content]
    assert any(b"API_KEY" in content for content in written)
    assert secret not in repr(launch)


async def test_what_is_written_down_is_for_its_owner_only(local: Bench) -> None:
    """The output may hold what it should not."""
    await _run(local, "echo bye")

    found = list((local.folder / "instances").rglob("*"))
    assert {path.name for path in found if path.is_file()} >= {"launch.json", "status.json", "exit.json", "log"}
    assert {path.stat().st_mode & 0o077 for path in found} == {0}


async def test_output_and_errors_are_told_apart(local: Bench) -> None:
    """The last line counts even without its end."""
    await local.runtime.start(local.sh("echo to-out; echo to-err >&2; printf unended"))
    await local.runtime.ended("one")

    lines = {(line.stream, line.text) async for line in local.runtime.logs("one")}
    assert lines >= {("out", "to-out"), ("err", "to-err"), ("out", "unended")}


async def test_a_program_killed_by_a_signal_says_which(local: Bench) -> None:
    """As a shell does."""
    await local.runtime.start(local.sh("kill -SEGV $$"))

    ended = await local.runtime.ended("one")

    assert (ended.exit_code, ended.reason) == (139, "ended by signal 11")


async def test_a_program_can_use_sigpipe_and_its_own_signals(local: Bench) -> None:
    """What Python ignores for itself must not be ignored by what it starts.

    Signals 32 and up are left out: glibc's own posix_spawn, which make uses, ignores the first of them.
    """
    lines = await _run(local, "grep SigIgn /proc/self/status")

    assert int(lines[0].split()[1], 16) % (1 << 31) == 0


async def test_a_missing_directory_is_named(local: Bench) -> None:
    """Not the program."""
    with pytest.raises(RuntimeFailure, match=r"working directory .*/nowhere: no such file or directory"):
        await local.runtime.start(local.sh("true", cwd=local.folder / "nowhere"))

    observed = await local.runtime.observe("one")
    assert (observed.phase, observed.exit_code) == (Phase.ENDED, 127)
    assert observed.reason == "could not start (cwd): no such file or directory"


async def test_a_file_that_may_not_be_run_is_named(local: Bench) -> None:
    """A forgotten chmod."""
    program = local.folder / "program"
    program.write_text("#!/bin/sh\n")

    with pytest.raises(RuntimeFailure, match=r"can't run .*/program: permission denied"):
        await local.runtime.start(replace(local.sh(""), argv=(str(program),)))


async def test_a_missing_interpreter_is_named_and_not_the_script(local: Bench) -> None:
    """The kernel says "no such file" of a script that is there."""
    script = local.folder / "script"
    script.write_text("#!/opt/nowhere/python9\n")
    script.chmod(0o755)

    with pytest.raises(BinaryMissing, match="begins with #!/opt/nowhere/python9, which is not on this machine"):
        await local.runtime.start(replace(local.sh(""), argv=(str(script),)))


async def test_a_file_that_is_no_program_says_what_is_wrong_with_it(local: Bench) -> None:
    """A script without its first line."""
    script = local.folder / "script"
    script.write_text("echo hello\n")
    script.chmod(0o755)

    with pytest.raises(RuntimeFailure, match="not a program that this machine can run"):
        await local.runtime.start(replace(local.sh(""), argv=(str(script),)))


async def test_a_program_is_found_on_its_own_path_and_relative_to_its_directory(local: Bench) -> None:
    """The engine's PATH has no say."""
    script = local.folder / "bin" / "hello"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho hello $1\n")
    script.chmod(0o755)
    on_path = local.sh("", environment={"PATH": f"/nowhere:{script.parent}"})

    assert await local.runtime.execute(replace(on_path, argv=("hello", "path")), timeout_s=30) == (0, "hello path\n")
    assert await local.runtime.execute(replace(on_path, argv=("bin/hello", "cwd")), timeout_s=30) == (0, "hello cwd\n")


@as_root
async def test_a_program_runs_as_the_user_it_asks_for(local: Bench) -> None:
    """PostgreSQL refuses to run as root."""
    lines = await _run(local, "id -un; id -u; id -G", cwd=Path("/"), user="nobody")

    assert lines[0] == "nobody"
    assert lines[1] != "0"
    assert "0" not in lines[2].split()


@as_root
async def test_a_program_of_another_user_dies_with_its_shim_too(local: Bench) -> None:
    """The kernel forgets the wish to die with the parent when the user changes; so it comes after that."""
    await local.runtime.start(local.sh("echo ready; exec sleep 600", cwd=Path("/"), user="nobody"))
    await local.said("ready")

    ended = await local.runtime.stop("one", StopPolicy())

    assert ended.exit_code == 143


@as_root
async def test_an_unknown_user_is_named(local: Bench) -> None:
    """A typo in the stack file."""
    with pytest.raises(RuntimeFailure, match="can't become user nobody-here: no such user"):
        await local.runtime.start(local.sh("true", user="nobody-here"))


async def test_a_limit_on_open_files_binds(local: Bench) -> None:
    """On every machine: it is an rlimit."""
    assert (await _run(local, "ulimit -n", limits=Limits(open_files=77)))[0] == "77"


async def test_an_instance_over_its_memory_is_said_to_be_out_of_memory(local: Bench) -> None:
    """Signal 9 alone would leave the user guessing."""
    _needs_cgroups(local)
    greedy = f"exec {sys.executable} -S -c 'print(len(bytearray(range(250)) * 1000000))'"
    launch = local.sh(greedy, limits=Limits(memory_bytes=24 * 1024 * 1024))

    await local.runtime.start(launch)
    ended = await local.runtime.ended("one")

    assert (ended.exit_code, ended.reason) == (137, "out of memory")


async def test_a_limit_on_processes_binds_all_of_an_instance(local: Bench) -> None:
    """A fork bomb stays in its cell."""
    _needs_cgroups(local)

    lines = await _run(local, "for i in 1 2 3 4 5 6; do sleep 600 & done; wait", limits=Limits(processes=3))

    assert any("ork" in line for line in lines)


def _needs_cgroups(bench: Bench) -> None:
    assert isinstance(bench.runtime, ProcessRuntime)
    if bench.runtime.limiter.unsupported(Limits(memory_bytes=1, processes=1)):
        pytest.skip("no cgroups that can be written")


async def test_a_long_output_of_a_command_is_kept_to_its_last_64_kib(local: Bench) -> None:
    """A hook that talks much must not fill the engine's memory."""
    code, output = await local.runtime.execute(local.sh("yes | head -c 1000000; echo end"), timeout_s=60)

    assert code == 0
    assert len(output) == 64 * 1024
    assert output.endswith("end\n")


async def test_a_command_in_time_leaves_nothing_behind_even_what_left_its_session(local: Bench) -> None:
    """The fixture finds nobody left."""
    code, _ = await local.runtime.execute(local.sh("setsid sleep 600 & exit 5"), timeout_s=60)

    assert code == 5


async def test_a_command_out_of_time_leaves_nothing_behind_either(local: Bench) -> None:
    """The fixture finds nobody left."""
    code, _ = await local.runtime.execute(local.sh("setsid sleep 600 & sleep 600"), timeout_s=0.3)

    assert code == 124


def test_the_shim_imports_next_to_nothing() -> None:
    """Every module counts as often as there are instances."""
    from fairlead.engine.runtimes.spawning import SHIM

    begin = SHIM[-1].replace("main()", "import sys, fairlead.engine.shim.keep; print(*sys.modules)")
    loaded = subprocess.run([*SHIM[:-1], begin], capture_output=True, text=True, check=True).stdout.split()

    assert len(loaded) < 60
    assert not {"asyncio", "subprocess", "threading", "re", "enum", "typing", "json", "ctypes"} & set(loaded)


async def test_log_files_are_bounded_while_a_program_floods_them(local: Bench) -> None:
    """A hundred megabytes of output, less than four on the disk, and the newest of it."""
    policy = LogPolicy(max_bytes=1024 * 1024, keep=2)

    await local.runtime.start(local.sh("yes 0123456789012345678901234567890123456789 | head -c 100M", log=policy))
    await local.runtime.ended("one")

    files = list((local.folder / "instances" / "one").glob("log*"))
    assert len(files) == 3
    assert sum(path.stat().st_size for path in files) <= 3 * policy.max_bytes
    assert [line.text async for line in local.runtime.logs("one", tail=1)] == ["[fairlead] ended: exited with 0"]


async def test_following_a_log_over_rotations_misses_no_line_and_repeats_none(local: Bench) -> None:
    """As long as the files that are kept hold what was not read yet."""
    policy = LogPolicy(max_bytes=16 * 1024, keep=200)
    await local.runtime.start(local.sh("for i in $(seq 20000); do echo $i; done", log=policy))

    heard: list[str] = []
    async for line in local.runtime.logs("one", follow=True):
        if line.text.startswith("[fairlead]"):
            break
        heard.append(line.text)

    assert heard == [str(number) for number in range(1, 20001)]
