"""Files of a disk, opened so that nothing waits, nothing stands in for them, and no change goes unnoticed."""

from __future__ import annotations

import io
import os
import stat

from fairlead.apps.guard.scanning.archives import Opener
from fairlead.apps.guard.scanning.found import Harvest, Place, Unlooked, Unscanned
from fairlead.apps.guard.scanning.limits import Budget
from fairlead.apps.guard.scanning.readers import FIRST, Peeked

GROWN = 1 << 20
"""Bytes that are read of a file that says to have none, as those of the kernel do."""
SMALL = 1 << 20
"""Bytes of a file that is read at once."""
SPECIAL = "sockets, pipes and devices"
LINKS = "symbolic links"


def look_at_file(opener: Opener, path: str, budget: Budget, harvest: Harvest, *, named: bool = False) -> None:
    """What one file holds; `named` by the user, a link is followed and a pipe is an omission that has to be told."""
    try:
        _look(opener, path, budget, harvest, named)
    except Unlooked as error:
        harvest.unscanned.append(Unscanned(path, str(error)))
    except OSError as error:
        harvest.unscanned.append(Unscanned(path, f"it can't be read: {(error.strerror or 'unknown').lower()}"))


def _look(opener: Opener, path: str, budget: Budget, harvest: Harvest, named: bool) -> None:
    kind = os.stat(path) if named else os.lstat(path)  # noqa: PTH116 - a path may be no text
    if stat.S_ISLNK(kind.st_mode):
        harvest.skipped[LINKS] += 1
        return
    if not stat.S_ISREG(kind.st_mode):
        if named:
            raise Unlooked("it is a socket, a pipe or a device; what comes out of one can be given to `scan -`")
        harvest.skipped[SPECIAL] += 1
        return
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if named else os.O_NOFOLLOW)
    with io.FileIO(os.open(path, flags), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unlooked("it became something else while it was opened")
        if before.st_size > budget.limits.file_bytes:
            raise Unlooked(f"it is larger than {budget.limits.file_bytes >> 30} GiB")
        bounded = _Bounded(file, before.st_size or GROWN)
        content = Peeked(bounded.read, before.st_size + 1 if 0 < before.st_size < SMALL else FIRST)
        opener.look(content, Place(path), budget, harvest, file)
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Unlooked("it changed while it was read")


class _Bounded:
    """A file up to the size that it had."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left + 1))
        if len(data) > self._left:
            raise Unlooked("it grew while it was read")
        self._left -= len(data)
        return data
