"""One daemon for each stack: a lock that the kernel frees when its owner dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from fairlead.errors import LockHeld, StateError


class OwnerLock:
    """Held by the daemon for as long as it lives; says in the file who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def take(self, **facts: object) -> None:
        """Take the lock and write who we are. Raises `LockHeld` with the owner's process id."""
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(
                f"{self.path}: can't be opened: {error.strerror}", hint="the state folder has to be writable"
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            owner = holder(self.path)
            raise LockHeld(
                f"{self.path.parent}: another daemon runs this stack (process {owner.get('pid', 'unknown')})",
                hint="use it (`fairlead status`), or end it with `fairlead daemon stop`",
            ) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps({"pid": os.getpid(), **facts}).encode(), 0)
        self._fd = fd

    def free(self) -> None:
        """Give it back."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def holder(path: Path) -> dict[str, Any]:
    """What the lock file says of its owner; empty when nobody holds the lock."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _facts(os.pread(fd, 4096, 0))
    finally:
        os.close(fd)
    return {}


def _facts(content: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(content)
    except ValueError:
        return {"pid": "unknown"}
    return facts if isinstance(facts, dict) else {"pid": "unknown"}
