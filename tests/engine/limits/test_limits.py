"""Which limiter a machine gets, what it says that it can't do, and that its cells hold."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.engine.limits import Limiter, cgroup_v1, cgroup_v2, choose
from fairlead.engine.limits.rlimit import Rlimits
from fairlead.engine.runtime import Limits
from fairlead.engine.shim import cgroup

PREFIX = f"fairlead-test-{os.getpid()}"
MIB = 1024 * 1024
ALL = Limits(memory_bytes=64 * MIB, cpu_cores=0.5, processes=10, open_files=100)


def _machine(folder: Path, mountinfo: str, own: str) -> Path:
    """What /proc/self says on some machine."""
    proc = folder / "proc"
    proc.mkdir()
    (proc / "mountinfo").write_text(mountinfo)
    (proc / "cgroup").write_text(own)
    return proc


def _cgroup(folder: Path, **files: str) -> Path:
    """A cgroup as the kernel shows it; `memory_max` is the file memory.max."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"cgroup_procs": "", **files}.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    return folder


def _v2_machine(tmp_path: Path, **own: str) -> Path:
    _cgroup(
        tmp_path / "cg" / "user.slice", cgroup_controllers="cpu memory pids", cgroup_subtree_control="cpu memory pids"
    )
    _cgroup(tmp_path / "cg" / "user.slice" / "unit", **own)
    mountinfo = f"30 23 0:26 / {tmp_path}/cg rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
    return _machine(tmp_path, mountinfo, "0::/user.slice/unit\n")


def test_a_cgroup_with_processes_hands_nothing_down_so_the_one_above_it_is_used(tmp_path: Path) -> None:
    """The rule of "no internal processes"; what is above is left as it was."""
    proc = _v2_machine(tmp_path, cgroup_controllers="cpu memory pids", cgroup_subtree_control="")

    limiter = cgroup_v2.find(PREFIX, proc)

    assert limiter is not None
    assert limiter.parent == tmp_path / "cg" / "user.slice" / PREFIX
    assert limiter.unsupported(ALL) == []
    assert (tmp_path / "cg/user.slice/unit/cgroup.subtree_control").read_text() == ""


def test_our_own_cgroup_is_used_where_it_hands_down_all(tmp_path: Path) -> None:
    """What confines Fairlead confines what it starts."""
    all_down = {"cgroup_controllers": "cpu memory pids", "cgroup_subtree_control": "cpu memory pids"}

    limiter = cgroup_v2.find(PREFIX, _v2_machine(tmp_path, **all_down))

    assert limiter is not None
    assert limiter.parent == tmp_path / "cg" / "user.slice" / "unit" / PREFIX


def test_a_cell_of_version_2_is_given_every_limit(tmp_path: Path) -> None:
    """In the kernel's own units: bytes, microseconds of a period, processes; and no swap."""
    settings = {"memory_max": "", "memory_swap.max": "", "cpu_max": "", "pids_max": ""}
    folder = _cgroup(tmp_path / PREFIX / "one", **settings)
    _cgroup(tmp_path / PREFIX, cgroup_subtree_control="cpu memory pids")
    limiter = cgroup_v2.CgroupV2(tmp_path / PREFIX, frozenset({"cpu", "memory", "pids"}))

    cell = limiter.prepare("one", ALL)

    assert cell.procs == (folder / "cgroup.procs",)
    assert cell.rlimits == ((resource.RLIMIT_NOFILE, 100),)
    read = {name: (folder / name).read_text() for name in ("memory.max", "memory.swap.max", "cpu.max", "pids.max")}
    assert read == {"memory.max": str(64 * MIB), "memory.swap.max": "0", "cpu.max": "50000 100000", "pids.max": "10"}


def test_what_a_controller_is_missing_for_is_said(tmp_path: Path) -> None:
    """Nothing is dropped in silence."""
    limiter = cgroup_v2.CgroupV2(tmp_path, frozenset({"memory"}))

    assert limiter.unsupported(ALL) == [
        "cpu can't be limited: its cgroup v2 controller is not delegated to us",
        "pids can't be limited: its cgroup v2 controller is not delegated to us",
    ]
    assert limiter.unsupported(Limits(memory_bytes=1)) == []


def test_version_1_is_used_with_the_controllers_that_can_be_written(tmp_path: Path) -> None:
    """Each has a tree of its own, and a container sees only its own part of each."""
    memory = _cgroup(tmp_path / "cg" / "memory" / "inner")
    both = _cgroup(tmp_path / "cg" / "cpu,cpuacct")
    mountinfo = (
        f"31 23 0:27 /docker/abc {tmp_path}/cg/memory rw - cgroup cgroup rw,memory\n"
        f"32 23 0:28 / {tmp_path}/cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    )
    proc = _machine(tmp_path, mountinfo, "4:memory:/docker/abc/inner\n1:cpu,cpuacct:/\n0::/\n")

    limiter = cgroup_v1.find(PREFIX, proc)

    assert limiter is not None
    assert limiter.parents == {"memory": memory / PREFIX, "cpu": both / PREFIX, "cpuacct": both / PREFIX}
    assert limiter.unsupported(ALL) == ["pids can't be limited: its cgroup v1 controller is not available"]


@pytest.mark.parametrize("proc", ["nowhere", "empty"])
def test_a_machine_without_cgroups_gets_rlimits_and_is_told_what_they_can_not_do(tmp_path: Path, proc: str) -> None:
    """macOS, or a laptop's user."""
    if proc == "empty":
        _machine(tmp_path, "", "")

    limiter = choose(PREFIX, proc=tmp_path / "proc")

    assert isinstance(limiter, Rlimits)
    assert limiter.unsupported(ALL) == [
        "memory is limited for each process of an instance, not for all of them together",
        "cpu can't be limited without cgroups",
        "the number of processes can't be limited without cgroups",
    ]
    assert limiter.unsupported(Limits(open_files=1)) == []
    assert limiter.prepare("one", ALL).rlimits == (
        (resource.RLIMIT_DATA, 64 * MIB),
        (resource.RLIMIT_NOFILE, 100),
    )


@pytest.fixture(params=["chosen", "v2 without controllers"])
def limiter(request: pytest.FixtureRequest) -> Iterator[Limiter]:
    """A limiter on real cgroups, and nothing of it left afterwards."""
    found = choose(PREFIX) if request.param == "chosen" else _bare_v2()
    if isinstance(found, Rlimits):
        pytest.skip("no cgroups that can be written")
    yield found
    found.remove("one")
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{PREFIX}"))


def _bare_v2() -> Limiter:
    """Version 2 as it is beside version 1: no controllers, but it can kill."""
    folder = Path("/sys/fs/cgroup/unified")
    usable = os.access(folder, os.W_OK) and (folder / "cgroup.procs").exists()
    return cgroup_v2.CgroupV2(folder / PREFIX, frozenset()) if usable else Rlimits()


def test_everything_in_a_cell_can_be_killed(limiter: Limiter) -> None:
    """Whoever its parent is."""
    cell = limiter.prepare("one", Limits())
    join = "".join(f"echo 0 > {path}; " for path in cell.procs)
    with subprocess.Popen(["/bin/sh", "-c", f"{join} setsid sleep 600 & wait; echo", "sh"], stdout=-1) as program:
        while len(cgroup.members(cell.folders)) < 1:
            pass
        assert limiter.kill("one")
        assert program.wait() is not None
    while limiter.kill("one"):
        pass


def test_preparing_a_cell_twice_leaves_the_limits_of_the_second_time(limiter: Limiter) -> None:
    """A restart may come with other limits, and with none."""
    wanted = Limits(memory_bytes=64 * MIB)
    if limiter.unsupported(wanted):
        pytest.skip("no memory controller")

    limiter.prepare("one", wanted)
    folders = limiter.prepare("one", Limits()).folders

    files = [Path(folder) / name for folder in folders for name in ("memory.max", "memory.limit_in_bytes")]
    (found,) = [path.read_text().strip() for path in files if path.exists()]
    assert found == "max" or int(found) > 1 << 60


def test_a_fresh_cell_has_had_no_want_of_memory(limiter: Limiter) -> None:
    """And one that is not there neither."""
    limiter.prepare("one", Limits())

    assert limiter.oom_kills("one") == 0
    assert limiter.oom_kills("never") == 0
    assert not limiter.kill("never")
