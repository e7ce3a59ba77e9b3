"""Limits of last resort: setrlimit(2), which binds each process for itself and knows no share of the CPU."""

from __future__ import annotations

import resource

from fairlead.engine.limits.limiter import Cell, open_files
from fairlead.engine.runtime import Limits


class Rlimits:
    """For a machine without cgroups that can be written: a laptop's user, macOS."""

    name = "rlimit"

    def unsupported(self, limits: Limits) -> list[str]:
        """RLIMIT_NPROC counts all processes of the user, so it would bind the wrong ones."""
        told = []
        if limits.memory_bytes is not None:
            told.append("memory is limited for each process of an instance, not for all of them together")
        if limits.cpu_cores is not None:
            told.append("cpu can't be limited without cgroups")
        if limits.processes is not None:
            told.append("the number of processes can't be limited without cgroups")
        return told

    def prepare(self, instance: str, limits: Limits) -> Cell:
        """RLIMIT_DATA is private writable memory (Linux 4.7 on); RLIMIT_AS would hit programs that only reserve it."""
        memory = () if limits.memory_bytes is None else ((resource.RLIMIT_DATA, limits.memory_bytes),)
        return Cell(rlimits=(*memory, *open_files(limits)))

    def kill(self, instance: str) -> bool:
        return False

    def oom_kills(self, instance: str) -> int:
        return 0

    def remove(self, instance: str) -> None:
        return
