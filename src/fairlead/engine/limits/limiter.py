"""What every limiter does, and what it gives for an instance: a cell to start in."""

from __future__ import annotations

import contextlib
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fairlead.engine.runtime import Limits

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an instance is confined: cgroup folders it joins, and rlimits (which, value) it takes on."""

    folders: tuple[str, ...] = ()
    rlimits: tuple[tuple[int, int], ...] = ()

    @property
    def procs(self) -> tuple[Path, ...]:
        """The files that a process writes itself into."""
        return tuple(Path(folder, "cgroup.procs") for folder in self.folders)


class Limiter(Protocol):
    """Confines instances, by id."""

    name: str

    def unsupported(self, limits: Limits) -> list[str]:
        """What of these limits can't be enforced here, one sentence each."""

    def prepare(self, instance: str, limits: Limits) -> Cell:
        """Make the cell, or bring the one that is there up to these limits. Raises `OSError`."""

    def kill(self, instance: str) -> bool:
        """Send SIGKILL to everything in the cell; False when there was nothing."""

    def oom_kills(self, instance: str) -> int:
        """How many processes the kernel has killed in it for want of memory."""

    def remove(self, instance: str) -> None:
        """Take the cell away; everything in it has to have ended."""


def make(folder: Path) -> None:
    """Make a cell's folder in that of its stack, which the last instance to end takes away. Raises `OSError`."""
    for _ in range(_ROUNDS):
        folder.parent.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # it was taken away between the two
            folder.mkdir(exist_ok=True)
            return
    folder.mkdir()


def open_files(limits: Limits) -> tuple[tuple[int, int], ...]:
    """The rlimit for open files, which no cgroup knows."""
    return () if limits.open_files is None else ((resource.RLIMIT_NOFILE, limits.open_files),)
