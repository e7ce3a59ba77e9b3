"""What a container is denied: read back from the engine, and tried from inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fairlead.engine.runtime import Container, Limits, LogPolicy, Mount, StopPolicy
from fairlead.errors import RuntimeFailure

from .conftest import Bench
from .test_containers import contained, inspected

pytestmark = pytest.mark.needs_docker

MIB = 1024 * 1024
LIMITS = Limits(memory_bytes=64 * MIB, cpu_cores=0.5, processes=20, open_files=77)
SECRET = "made" + "-up-value"


async def _inside(bench: Bench, script: str, **changes: Any) -> list[str]:
    """What a script says in a container."""
    await bench.runtime.start(contained(bench, script, **changes))
    await bench.runtime.ended("one")
    return await bench.lines()


async def test_the_engine_has_every_denial_and_every_limit(docked: Bench) -> None:
    """Whatever an image asks for."""
    policy = LogPolicy(max_bytes=MIB, keep=2)
    launch = docked.sh("exec sleep 600", limits=LIMITS, log=policy, stop=StopPolicy("SIGINT", 7.0))
    await docked.runtime.start(launch)

    found = inspected(docked)
    host, config = found["HostConfig"], found["Config"]
    assert config["User"] == "1001:1001"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] in (None, [])
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Privileged"] is False
    assert host["Init"] is True
    assert host["IpcMode"] == "private"
    assert host["PidMode"] == ""
    assert (host["Memory"], host["MemorySwap"]) == (64 * MIB, 64 * MIB)
    assert host["NanoCpus"] == 500_000_000
    assert host["PidsLimit"] == 21
    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 77, "Hard": 77}]
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "3", "max-size": str(MIB)}}
    assert host["RestartPolicy"]["Name"] in ("no", "")
    assert (config["StopSignal"], config["StopTimeout"]) == ("2", 7)
    assert config["Healthcheck"] == {"Test": ["NONE"]}


async def test_inside_there_is_neither_root_nor_capability_nor_a_way_to_them(docked: Bench) -> None:
    """The kernel's own word."""
    lines = await _inside(docked, "id -u; id -g; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status")

    assert lines[:2] == ["1001", "1001"]
    status = dict(line.split(":\t") for line in lines[2:] if ":\t" in line)
    assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] != "0"


async def test_a_capability_that_is_asked_for_is_the_only_one(docked: Bench) -> None:
    """NET_BIND_SERVICE is number 10 (capabilities(7))."""
    lines = await _inside(docked, "grep CapBnd /proc/self/status", capabilities=("NET_BIND_SERVICE",))

    assert int(lines[0].split()[1], 16) == 1 << 10


async def test_nothing_can_be_written_but_what_was_said(docked: Bench) -> None:
    """The root is read-only; /tmp and what was named are in memory, and run no programs."""
    script = (
        "touch /no; touch /etc/no; touch /usr/local/bin/no; touch /tmp/yes && echo tmp; touch /cache/yes && echo cache"
    )
    lines = await _inside(docked, script, mounts=(Mount("tmpfs", "/cache"),))

    assert sum("Read-only file system" in line for line in lines) == 3
    assert {"tmp", "cache"} <= set(lines)


async def test_the_first_process_collects_what_others_leave(docked: Bench) -> None:
    """An init process, so that a program that forks leaves no zombies."""
    assert (await _inside(docked, "head -c 11 /proc/1/comm"))[0] == "docker-init"


async def test_an_instance_over_its_memory_is_said_to_be_out_of_memory(docked: Bench) -> None:
    """Signal 9 alone would leave the user guessing."""
    greedy = docked.sh("exec python3 -c 'print(len(bytearray(range(250)) * 1000000))'", limits=LIMITS)

    await docked.runtime.start(greedy)
    ended = await docked.runtime.ended("one")

    assert (ended.exit_code, ended.reason) == (137, "out of memory")


async def test_limits_on_processes_and_files_bind(docked: Bench) -> None:
    """A fork bomb stays in its cell."""
    few = replace(LIMITS, processes=4)
    await docked.runtime.start(docked.sh("ulimit -n; for i in 1 2 3 4 5 6; do sleep 600 & done; wait", limits=few))
    await docked.runtime.ended("one")

    lines = await docked.lines()
    assert "77" in lines
    assert any("ork" in line for line in lines)


async def test_a_secret_is_in_the_environment_and_nowhere_else(docked: Bench) -> None:
    """Not in a label, a name, the log of another container, an error or a repr."""
    launch = docked.sh("echo $TOKEN | wc -c; exec sleep 600", environment={"PATH": "/usr/bin", "TOKEN": SECRET})
    await docked.runtime.start(launch)
    await docked.said(str(len(SECRET) + 1))

    found = inspected(docked)
    assert f"TOKEN={SECRET}" in found["Config"].pop("Env")
    assert SECRET not in str(found)
    assert SECRET not in repr(launch)


async def test_no_error_of_the_engine_shows_a_secret(docked: Bench) -> None:
    """Whatever it finds wrong."""
    assert docked.container
    environment = {"TOKEN": SECRET}
    for wrong in (
        Container("nowhere/nothing:v0"),
        replace(docked.container, user="nobody-here"),
        replace(docked.container, mounts=(Mount("bind", "relative", "/tmp"),)),
        replace(docked.container, hosts={"bad host": "not an address"}),
    ):
        with pytest.raises(RuntimeFailure) as told:
            await docked.runtime.start(docked.sh("true", environment=environment, container=wrong))
        assert SECRET not in f"{told.value} {told.value.hint} {told.value.__cause__}"
