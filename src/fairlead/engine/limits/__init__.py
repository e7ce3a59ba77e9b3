"""Resource limits on one machine: cgroup v2 where it can be written, else v1, else rlimits of each process.

`choose` looks once at what the machine lets us do. What a limiter can't enforce it says; it never drops a limit
in silence.
"""

from __future__ import annotations

from pathlib import Path

from fairlead.engine.limits import cgroup_v1, cgroup_v2
from fairlead.engine.limits.limiter import Cell, Limiter
from fairlead.engine.limits.rlimit import Rlimits

__all__ = ["Cell", "Limiter", "choose"]


def choose(prefix: str, *, proc: Path = Path("/proc/self")) -> Limiter:
    """The strongest limiter that works here; `prefix` names the cgroup that holds all cells of one stack."""
    return cgroup_v2.find(prefix, proc) or cgroup_v1.find(prefix, proc) or Rlimits()
