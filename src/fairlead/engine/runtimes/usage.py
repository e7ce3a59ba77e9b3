"""What an instance uses, from its cgroup where that counts, else summed over its processes."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.engine.runtime import Usage
from fairlead.engine.shim import cgroup
from fairlead.kit import proc


def of(cgroups: Sequence[str], shim: int) -> Usage:
    """Resident memory and CPU time of all that the shim has started; the shim itself is not counted."""
    memory, cpu = cgroup.usage(cgroups)
    if memory is not None and cpu is not None:
        return Usage(memory, cpu)
    pids = proc.descendants(shim)
    return Usage(
        _resident(pids) if memory is None else memory,
        sum(map(proc.cpu_seconds, pids)) if cpu is None else cpu,
    )


def _resident(pids: Sequence[int]) -> int:
    """Proportional set size (shared pages divided among those who share them), else resident size."""
    return sum(_field(cgroup.read(f"/proc/{pid}/smaps_rollup"), "Pss:") or _rss(pid) for pid in pids)


def _rss(pid: int) -> int:
    return _field(cgroup.read(f"/proc/{pid}/status"), "VmRSS:")


def _field(text: str, name: str) -> int:
    """A field of a /proc file in kB, as bytes; 0 when it is not there."""
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)
