"""What the command line said before the command: which stack file, which environment."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.daemon.client import Client
    from fairlead.daemon.paths import StatePaths

NAMES = ("fairlead.yaml", "fairlead.yml")


@dataclass(slots=True)
class Invocation:
    """The global options of one call; commands take them before and after their name."""

    given: Path | None = None
    environment: str | None = None

    @property
    def file(self) -> Path:
        """The stack file that was named, or the nearest one in this folder or above. Raises `UsageError`."""
        return _existing(self.given) if self.given else nearest(Path.cwd())

    @property
    def paths(self) -> StatePaths:
        """The state folder of that file."""
        from fairlead.daemon.paths import StatePaths

        return StatePaths(self.file)

    @property
    def client(self) -> Client:
        """The daemon of that file, whether it runs or not."""
        from fairlead.daemon.client import Client

        return Client(self.paths)

    def stack(self) -> dict[str, object]:
        """How the daemon is told which stack is meant. The variables are for `${NAME}` in the file and for secrets."""
        return {"file": str(self.file), "environment": self.environment, "environ": dict(os.environ)}

    def again(self, command: str) -> str:
        """How to type another command about the same stack."""
        options = ["-f", str(self.given)] if self.given else []
        options += ["--env", self.environment] if self.environment else []
        return " ".join(["fairlead", *map(shlex.quote, options), command])


def nearest(folder: Path) -> Path:
    """The stack file of this folder, or of the first folder above it that has one. Raises `UsageError`."""
    for place in (folder, *folder.parents):
        for name in NAMES:
            if (place / name).is_file():
                return place / name
    raise UsageError(
        f"no {NAMES[0]} in {folder} or above", hint="`fairlead init` writes one; `-f FILE` names one that is elsewhere"
    )


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise UsageError(f"{file}: no such file", hint="`fairlead init` writes a stack file")
    return file.absolute()


def who() -> str:
    """The person at the keyboard, for the audit trail: `alice@host`."""
    import getpass
    import socket

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"
