"""Where a stack's daemon keeps its things. Cheap to import: every command needs it."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StateError

LONGEST_SOCKET_PATH = 90
"""Bytes: sun_path holds 108 on Linux and 104 on macOS, and Envoy's own socket has a longer name."""


@dataclass(frozen=True, slots=True)
class StatePaths:
    """The state folder of one stack file, and what is in it."""

    stack_file: Path

    @property
    def state(self) -> Path:
        """The folder: `.fairlead` beside the stack file, or `FAIRLEAD_STATE`."""
        given = os.environ.get("FAIRLEAD_STATE")
        return Path(given).absolute() if given else self.stack_file.absolute().parent / ".fairlead"

    @property
    def sockets(self) -> Path:
        """The folder of unix sockets: the state folder, unless its path is too long for one."""
        state = self.state
        if len(os.fsencode(state)) <= LONGEST_SOCKET_PATH:
            return state
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"fairlead-{os.getuid()}" / digest

    @property
    def socket(self) -> Path:
        return self.sockets / "daemon.sock"

    @property
    def log(self) -> Path:
        return self.state / "daemon.log"

    @property
    def lock(self) -> Path:
        return self.state / "daemon.lock"

    @property
    def journal(self) -> Path:
        return self.state / "journal.db"

    def prepare(self) -> None:
        """Make the folders; the sockets' one is for us alone. Raises `StateError`."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            ignore = self.state / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
            if self.sockets != self.state:
                self.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
                _ours_alone(self.sockets.parent)
        except OSError as error:
            raise StateError(
                f"{self.state}: the state folder can't be written: {error.strerror}",
                hint="give it to your user, or name another one in FAIRLEAD_STATE",
            ) from error


def _ours_alone(folder: Path) -> None:
    """A folder in a shared place must be ours and closed to others, or somebody could put a socket in our way."""
    folder.chmod(0o700)
    found = folder.stat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise StateError(f"{folder}: belongs to somebody else", hint="remove it, or set TMPDIR to a folder of yours")
