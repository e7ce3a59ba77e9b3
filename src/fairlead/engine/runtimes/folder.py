"""An instance on disk: what the engine left for the shim, and what the shim left for the engine.

lock         held by the shim for its life
launch.json  what was started, without the environment's values
status.json  who runs: pids and births
stop         how the engine wants it stopped: signal number and grace, a line for each time it asks
exit.json    how it ended
log, log.N   its output
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.checks import valid_id
from fairlead.errors import StateError
from fairlead.kit import files, proc

Noted = TypeVar("Noted")


@dataclass(frozen=True, slots=True)
class Status:
    """Who runs, as the shim wrote it down."""

    shim_pid: int
    shim_start: str
    pid: int
    start: str
    began: float

    @property
    def shim_alive(self) -> bool:
        return proc.alive(self.shim_pid, self.shim_start)


@dataclass(frozen=True, slots=True)
class Exit:
    """How it ended."""

    code: int | None
    reason: str | None
    at: float


class Folder:
    """The files of one instance."""

    def __init__(self, root: Path, instance: str) -> None:
        self.path = root / valid_id(instance)
        self.lock = self.path / "lock"
        self.log = self.path / "log"

    @property
    def exists(self) -> bool:
        return (self.path / "launch.json").exists()

    def prepare(self, launch: Launch, cgroups: tuple[str, ...]) -> None:
        """Make the folder and write down what is about to be started. Raises `StateError`.

        What an earlier stop asked for does not bind the next run.
        """
        noted = {
            "argv": launch.argv,
            "cwd": str(launch.cwd),
            "environment": sorted(launch.environment),
            "ports": dict(launch.ports),
            "limits": asdict(launch.limits),
            "user": launch.user,
            "labels": dict(launch.labels),
            "cgroups": cgroups,
        }
        self.write("launch.json", json.dumps(noted, indent=1) + "\n")
        (self.path / "stop").unlink(missing_ok=True)

    def write(self, name: str, content: str) -> None:
        """Put one of the files in place. Raises `StateError`."""
        try:
            files.private_folder(self.path)
            files.write_atomically(self.path / name, content)
        except OSError as error:
            raise unusable(self.path, error) from error

    def order(self, line: str) -> None:
        """Add to what the shim reads when it is told to stop. Raises `OSError`."""
        with (self.path / "stop").open("a") as file:
            file.write(line)

    def cgroups(self) -> tuple[str, ...]:
        noted = self._read("launch.json")
        return tuple(noted.get("cgroups", ())) if noted else ()

    def status(self) -> Status | None:
        return _as(Status, self._read("status.json"))

    def exit(self) -> Exit | None:
        return _as(Exit, self._read("exit.json"))

    def remove(self) -> None:
        """Take it all away. Raises `StateError`."""
        try:
            shutil.rmtree(self.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise unusable(self.path, error) from error

    def _read(self, name: str) -> dict[str, Any] | None:
        """A file that a power loss has torn counts as none."""
        try:
            found = json.loads((self.path / name).read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _as(kind: type[Noted], found: dict[str, Any] | None) -> Noted | None:
    try:
        return kind(**found) if found is not None else None
    except TypeError:
        return None


def unusable(path: Path, error: OSError) -> StateError:
    """The error for a state folder that can't be written."""
    why = (error.strerror or str(error)).lower()
    return StateError(f"{path}: can't write the state of an instance: {why}", hint="check free space and permissions")
