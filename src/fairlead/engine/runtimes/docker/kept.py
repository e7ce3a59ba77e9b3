"""The output of an instance's earlier containers: kept beside the engine's state, since a container's log goes with it.

The form is that of a local process's log, so that the same reader reads it: `1763555555.123456 out text`. The folder
of an instance is there from its first start until it is removed; that is also how the instances that were ever started
as containers are known without asking a Docker engine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from fairlead.engine.runtime import LogLine, LogPolicy
from fairlead.engine.runtimes import logs
from fairlead.engine.runtimes.checks import valid_id
from fairlead.engine.runtimes.folder import unusable
from fairlead.kit import files
from fairlead.kit.clock import Clock


class Kept:
    """The folders of all instances below `root`."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock

    def holds(self, instance: str) -> bool:
        """Whether it was started as a container and not removed since."""
        return (self._root / valid_id(instance)).is_dir()

    def instances(self) -> list[str]:
        """All of them."""
        return sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []

    def prepare(self, instance: str) -> None:
        """Make the folder. Raises `StateError`."""
        path = self._root / valid_id(instance)
        try:
            files.private_folder(path)
        except OSError as error:
            raise unusable(path, error) from error

    def remove(self, instance: str) -> None:
        """Take the folder away."""
        shutil.rmtree(self._root / valid_id(instance), ignore_errors=True)

    async def read(self, instance: str, *, tail: int | None = None, since: float | None = None) -> list[LogLine]:
        """Lines of containers that are gone, oldest first."""
        read = logs.read(self._log(instance), tail=tail, since=since, follow=False, clock=self._clock)
        return [line async for line in read]

    async def add(self, instance: str, lines: Iterable[LogLine], policy: LogPolicy) -> None:
        """Add what is not there yet (a crash may have come between the adding and the container's removal)."""
        last = await self.read(instance, tail=1)
        fresh = [line for line in lines if not last or line.at > last[-1].at]
        log = self._log(instance)
        try:
            if log.exists() and log.stat().st_size >= policy.max_bytes:
                _rotate(log, policy.keep)
            with log.open("ab") as file:
                file.writelines(f"{line.at:.6f} {line.stream} {line.text}\n".encode() for line in fresh)
        except OSError as error:
            raise unusable(log.parent, error) from error

    def _log(self, instance: str) -> Path:
        return self._root / valid_id(instance) / "log"


def _rotate(log: Path, keep: int) -> None:
    """`log.1` is the youngest of the older files."""
    for number in range(keep, 0, -1):
        older = log if number == 1 else log.with_name(f"log.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"log.{number}"))
    if keep == 0:
        log.unlink(missing_ok=True)
