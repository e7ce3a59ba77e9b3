"""Who a process is: a pid alone is reused, a pid with the moment of its birth is not.

The shim imports this too, hence nothing but `os` here: each module more is memory in every instance's shim.
"""

from __future__ import annotations

import os

_STATE, _PARENT, _GROUP, _SESSION, _USER_TICKS, _START = 0, 1, 2, 3, 11, 19  # fields 3-6, 14, 22 of proc(5) stat


def fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; `None` when there is no such process, or no /proc."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        text = os.read(descriptor, 4096).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return text[text.rfind(")") + 2 :].split()  # a name may hold blanks and brackets


def boot() -> str:
    """A name for this boot of the machine; empty where it can't be told."""
    try:
        descriptor = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 8).decode()
    finally:
        os.close(descriptor)


def birth(pid: int) -> str | None:
    """When the process began (clock ticks since boot, and which boot); `None` for one that is gone or a zombie.

    Without /proc (macOS) a living process has the empty birth, so that only its pid is compared.
    """
    found = fields(pid)
    if found is not None:
        return None if found[_STATE] in "ZX" else f"{boot()}-{found[_START]}"
    if os.path.isdir("/proc/self"):  # noqa: PTH112 - the shim does without pathlib
        return None
    return "" if _signallable(pid) else None


def _signallable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def alive(pid: int, born: str) -> bool:
    """Is this very process still running?"""
    return birth(pid) == born


def pids() -> list[int]:
    """Every process of the machine; empty without /proc."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - no pathlib in the shim
    except OSError:
        return []


def descendants(ancestor: int) -> list[int]:
    """The children of a process, and theirs, parents first."""
    children: dict[int, list[int]] = {}
    for pid in pids():
        if found := fields(pid):
            children.setdefault(int(found[_PARENT]), []).append(pid)
    below: list[int] = []
    layer = children.get(ancestor, [])
    while layer:
        below += layer
        layer = [child for pid in layer for child in children.get(pid, [])]
    return below


def in_session(session: int) -> list[int]:
    """The living processes of a session."""
    found = ((pid, fields(pid)) for pid in pids())
    return [pid for pid, of in found if of and int(of[_SESSION]) == session and of[_STATE] not in "ZX"]


def group(pid: int) -> int | None:
    """The process group; `None` for a process that is gone."""
    found = fields(pid)
    return int(found[_GROUP]) if found else None


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process and of the children it has waited for, user and system; 0 when it is gone."""
    found = fields(pid)
    if found is None:
        return 0.0
    return sum(int(ticks) for ticks in found[_USER_TICKS : _USER_TICKS + 4]) / os.sysconf("SC_CLK_TCK")


def signal(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone by now."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return
