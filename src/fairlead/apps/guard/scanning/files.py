"""Files of a disk, opened so that nothing waits, nothing stands in for them, and no change goes unnoticed."""

from __future__ import annotations

import io
import os
import stat

from fairlead.apps.guard.scanning.archives import Opener
from fairlead.apps.guard.scanning.content import BINARY
from fairlead.apps.guard.scanning.found import Harvest, Place, Unlooked, Unscanned
from fairlead.apps.guard.scanning.jobs import File
from fairlead.apps.guard.scanning.limits import Budget
from fairlead.apps.guard.scanning.readers import Peeked
from fairlead.apps.guard.scanning.windows import SIZE

GROWN = 1 << 20
"""Bytes that are read of a file that says to have none, as those of the kernel do."""
FIRST = 1 << 15
"""Bytes that are read at first: most files are shorter."""
SMALL = SIZE
"""Bytes of a file that is looked through at once."""
SPECIAL = "sockets, pipes and devices"
LINKS = "symbolic links"
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def look_at_file(opener: Opener, job: File, budget: Budget, harvest: Harvest) -> None:
    """What one file holds; `named` by the user, a link is followed and a pipe is an omission that has to be told."""
    path = job.path
    try:
        if job.plain or _is_file(path, job.named, harvest):
            _look(opener, path, budget, harvest, _FLAGS if job.named else _FLAGS | os.O_NOFOLLOW)
    except Unlooked as error:
        harvest.unscanned.append(Unscanned(path, str(error)))
    except OSError as error:
        harvest.unscanned.append(Unscanned(path, f"it can't be read: {(error.strerror or 'unknown').lower()}"))


def _is_file(path: str, named: bool, harvest: Harvest) -> bool:
    """Whether it is one; what is none is counted, unless it was asked for."""
    kind = (os.stat(path) if named else os.lstat(path)).st_mode  # noqa: PTH116 - a path may be no text
    if stat.S_ISLNK(kind):
        harvest.skipped[LINKS] += 1
    elif not stat.S_ISREG(kind):
        if named:
            raise Unlooked("it is a socket, a pipe or a device; what comes out of one can be given to `scan -`")
        harvest.skipped[SPECIAL] += 1
    return stat.S_ISREG(kind)


def _look(opener: Opener, path: str, budget: Budget, harvest: Harvest, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise Unlooked("it became something else while it was opened")
        _content(opener, descriptor, before.st_size, path, budget, harvest)
        after = os.fstat(descriptor)
        if before.st_size != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
            raise Unlooked("it changed while it was read")
    finally:
        os.close(descriptor)


def _content(opener: Opener, descriptor: int, size: int, path: str, budget: Budget, harvest: Harvest) -> None:
    if size > budget.limits.file_bytes:
        raise Unlooked(f"it is larger than {budget.limits.file_bytes >> 30} GiB")
    data = os.read(descriptor, FIRST)
    if size < SMALL and (size or not data):
        plain = opener.plain(data, budget)
        if plain is None:
            harvest.skipped[BINARY] += 1
            return
        if plain:
            opener.looker.whole(_all(descriptor, data, size), path, budget, harvest)
            return
    with io.FileIO(descriptor, "rb", closefd=False) as file:
        bounded = _Bounded(file, (size or GROWN), data)
        opener.look(Peeked(bounded.read), Place(path), budget, harvest, file)


def _all(descriptor: int, data: bytes, size: int) -> bytes:
    """What is there of a file that had so many bytes, one more when it has grown."""
    while len(data) < size and (more := os.read(descriptor, size - len(data) + 1)):
        data += more
    return data


class _Bounded:
    """A file up to the size that it had; its beginning has been read."""

    def __init__(self, file: io.FileIO, size: int, first: bytes) -> None:
        self._file = file
        self._left = size - len(first)
        self._first = first

    def read(self, size: int) -> bytes:
        if self._first:
            data, self._first = self._first[:size], self._first[size:]
            return data
        data = self._file.read(min(size, self._left + 1)) if self._left >= 0 else b"-"
        self._left -= len(data)
        if self._left < 0:
            raise Unlooked("it grew while it was read")
        return data
