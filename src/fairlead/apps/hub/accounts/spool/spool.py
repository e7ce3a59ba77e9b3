"""The spool of one process: a folder with a lock and numbered segments.

The process writes; `Ledger` reads what is new and tells how far it got (`shipped`); segments that are wholly shipped
are deleted. When its owner is dead (the lock is free), anybody on the machine may adopt the folder: see `recovery`.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from fairlead.apps.hub.accounts.spool.segment import SIZE, Segment
from fairlead.kit.files import locked, private_folder

MOST_IN_MEMORY = 8
"""Segments without a file, while the disk is full, before nothing more is taken."""

MOST_ON_DISK = 256
"""Segments (1 GiB) that wait for a store which is away."""

LOCK = "lock"
SUFFIX = "spool"


def new_holder() -> str:
    """A name for a process, sorted by time."""
    return f"{int(time.time()):08x}{os.urandom(4).hex()}"


class Due(NamedTuple):
    """Work for another thread than the writer's."""

    unsynced: list[Segment]
    following: int | None
    """The number of the segment to be made."""


class Spool:
    """Appended to by one thread."""

    def __init__(self, folder: Path, holder: str, *, size: int = SIZE) -> None:
        self.holder = holder
        self._size = size
        self._held = ExitStack()
        self.folder = self._made_folder(folder)
        self.problem: str | None = None
        """Why records are kept in memory only."""
        self._next: Segment | None = None
        self._sealed: deque[Segment] = deque()
        self._unsynced: list[Segment] = []
        self._syncing = False
        self.full = False
        """Whether no more should be begun: the store is away, and there is no room to wait for it."""
        self.shipped = (0, 0)
        """Segment and position up to which the store has everything."""
        self.current = self._made(0)

    def _made_folder(self, folder: Path) -> Path:
        """A folder that is locked when it gets its name: seen without a lock, its owner is dead."""
        beside = private_folder(folder / f".{self.holder}")
        self._held.enter_context(locked(beside / LOCK))
        return beside.rename(folder / self.holder)

    # written

    def append(self, record: bytes) -> None:
        """Write it down."""
        if not self.current.append(record):
            self._turn()
            if not self.current.append(record):
                raise ValueError(f"a record of {len(record)} bytes is longer than a segment")

    def _turn(self) -> None:
        self._sealed.append(self.current)
        self._unsynced.append(self.current)
        made, self._next = self._next or self._made(self.current.number + 1), None
        self.current = made
        self._weigh()

    def _weigh(self) -> None:
        self.full = self._in_memory() > MOST_IN_MEMORY or len(self._sealed) > MOST_ON_DISK

    def _in_memory(self) -> int:
        return sum(one.path is None for one in self._sealed)

    def _made(self, number: int, kind: str = "") -> Segment:
        try:
            made = Segment(number, self.folder / f"{number:010d}.{kind}{SUFFIX}", self._size)
        except OSError as error:
            self.problem = error.strerror or type(error).__name__
            return Segment(number, None, self._size)
        self.problem = None
        return made

    # kept

    def due(self) -> Due:
        """What has to be done; give it to `keep` in another thread, and tell `kept` what that returns."""
        unsynced, self._unsynced = [*self._unsynced, self.current], []
        self._syncing = True
        wanted = self._next is None and self.current.position > self.current.size // 2
        return Due(unsynced, self.current.number + 1 if wanted else None)

    def keep(self, due: Due) -> Segment | None:
        """Bring segments to the disk, and make the next one before it is needed."""
        for segment in due.unsynced:
            segment.sync()
        return None if due.following is None else self._made(due.following, "ahead.")

    def kept(self, made: Segment | None) -> None:
        """Take the next segment, unless the writer was quicker; and map no longer what is complete."""
        self._syncing = False
        if made is not None and self._next is None and made.number == self.current.number + 1:
            self._next = made
        elif made is not None:
            made.delete()
        for segment in self._sealed:
            if segment not in self._unsynced:
                segment.rest()

    # read

    def unshipped(self, most: int = 1 << 17) -> tuple[bytes, tuple[int, int]]:
        """At most that many bytes of one segment which the store has not got, and the place of the first."""
        number, position = self.shipped
        for segment in [*self._sealed, self.current]:
            if segment.number > number:
                number, position = segment.number, 0
            if segment.number == number and position < segment.position:
                return segment.read(position, min(position + most, segment.position)), (number, position)
        return b"", (number, position)

    def forget(self) -> Iterator[int]:
        """Delete segments that are shipped; yields the number of each before, for what is still under way in it."""
        while not self._syncing and self._sealed and self._sealed[0].number < self.shipped[0]:
            yield self._sealed[0].number
            self._sealed.popleft().delete()
            self._weigh()

    @property
    def backlog(self) -> int:
        """Bytes that the store has not got."""
        number, position = self.shipped
        between = sum(one.position for one in [*self._sealed, self.current] if one.number > number)
        at = next((one for one in [*self._sealed, self.current] if one.number == number), self.current)
        return between + max(0, at.position - position)

    def close(self, *, remove: bool) -> None:
        """Let go of it; `remove`: everything is shipped, and nothing is under way."""
        for segment in filter(None, [*self._sealed, self.current, self._next]):
            segment.close()
        if remove:
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()
        self._held.close()
