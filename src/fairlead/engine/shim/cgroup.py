"""What is done to a set of cgroup folders that exist: whom they hold, how to kill those, and what they have used.

One set is one instance: a single folder under version 2, one per controller under version 1. Which it is shows in the
files that are there (Linux kernel documentation, admin-guide/cgroup-v1 and cgroup-v2).
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGKILL = 9
_ROUNDS = 10


def read(path: str) -> str:
    """A control file's text; empty when it is not there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def write(path: str, value: str) -> None:
    """Set a control file. Raises `OSError` when the kernel refuses."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def _attempt(path: str, value: str) -> bool:
    try:
        write(path, value)
    except OSError:
        return False
    return True


def table(text: str) -> dict[str, int]:
    """A control file of `name number` lines."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def below(folder: str) -> list[str]:
    """The folder and the cgroups made inside it, deepest first."""
    return [place for place, _, _ in os.walk(folder, topdown=False)]


def members(folders: Sequence[str]) -> list[int]:
    """Every process in the set."""
    places = [place for folder in folders for place in below(folder)]
    return sorted({int(pid) for place in places for pid in read(f"{place}/cgroup.procs").split()})


def kill(folders: Sequence[str]) -> bool:
    """Send SIGKILL to every process in the set; False when there was none.

    Version 1 has no `cgroup.kill`: forks are forbidden first, so that no new process escapes between reading and
    killing.
    """
    found = members(folders)
    if not found:
        return False
    for folder in folders:
        if not _attempt(f"{folder}/cgroup.kill", "1"):
            _attempt(f"{folder}/pids.max", "0")
    for pid in members(folders):
        _kill(pid)
    return True


def _kill(pid: int) -> None:
    try:
        os.kill(pid, _SIGKILL)
    except OSError:
        return


def oom_kills(folders: Sequence[str]) -> int:
    """How many processes of the set the kernel has killed for want of memory."""
    return sum(
        table(read(f"{folder}/{name}")).get("oom_kill", 0)
        for folder in folders
        for name in ("memory.events", "memory.oom_control")
    )


def usage(folders: Sequence[str]) -> tuple[int | None, float | None]:
    """Resident memory in bytes and CPU seconds; `None` for what these cgroups don't count."""
    memory: int | None = None
    cpu: float | None = None
    for folder in folders:
        stat = table(read(f"{folder}/memory.stat"))
        if "anon" in stat:
            memory = stat["anon"] + stat.get("file_mapped", 0)
        elif "total_rss" in stat:
            memory = stat["total_rss"] + stat.get("total_mapped_file", 0)
        if nanoseconds := read(f"{folder}/cpuacct.usage").strip():
            cpu = int(nanoseconds) / 1e9
        elif "usage_usec" in (used := table(read(f"{folder}/cpu.stat"))):
            cpu = used["usage_usec"] / 1e6
    return memory, cpu


def remove(folders: Sequence[str]) -> None:
    """Take away folders whose processes are gone, and the stack's own folder above them when it is empty now."""
    for folder in folders:
        for place in below(folder):
            _remove(place)
        above = os.path.dirname(folder)  # noqa: PTH120 - no pathlib in the shim
        for _ in range(_ROUNDS):
            if not _is_empty(above) or _remove(above):
                break
            time.sleep(0.002)  # the kernel takes a moment to let go of a child that was removed


def _is_empty(folder: str) -> bool:
    return [inside for _, inside, _ in os.walk(folder)] == [[]]


def _remove(folder: str) -> bool:
    try:
        os.rmdir(folder)  # noqa: PTH106 - no pathlib in the shim
    except OSError:
        return False
    return True
