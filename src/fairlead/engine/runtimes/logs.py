"""Reading an instance's log while its shim writes it: the end first, only what is asked for, across rotations."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from fairlead.engine.runtime import LogLine
from fairlead.kit.clock import Clock

FOLLOW_S = 0.2
_BLOCK = 64 * 1024


async def read(
    log: Path, *, tail: int | None, since: float | None, follow: bool, clock: Clock
) -> AsyncIterator[LogLine]:
    """Records oldest first; `follow` goes on, over restarts of the instance, until its folder is removed."""
    reader = _Reader(log, since)
    try:
        if tail is not None:
            for line in reader.last(tail):
                yield line
        while True:
            gone = not log.parent.exists()  # asked before the last read, so that nothing is missed
            for line in reader.onward():
                yield line
            if not follow or gone:
                return
            await clock.sleep(FOLLOW_S)
    finally:
        reader.close()


def parse(record: bytes) -> LogLine | None:
    """A record as a line; `None` for one that is torn."""
    try:
        at, stream, text = record.split(b" ", 2)
        return LogLine(float(at), stream.decode(), text.decode("utf-8", "replace"))
    except ValueError:
        return None


class _Reader:
    """A place in a log: the open file and the begin of a record whose end is not written yet.

    Files are renamed while they are read, so the way from one to the next goes by what is open, not by name.
    """

    def __init__(self, log: Path, since: float | None) -> None:
        self._log = log
        self._since = since
        self._file: BinaryIO | None = None
        self._begun = b""

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def onward(self) -> Iterator[LogLine]:
        """From this place (at first: the oldest file) to the end of the youngest file."""
        while True:
            yield from self._rest()
            following = self._following()
            if following is None:
                return
            yield from self._rest()  # written between the last read and the rotation
            self.close()
            self._file, self._begun = following, b""

    def last(self, count: int) -> Iterator[LogLine]:
        """The last `count` lines, read from the end backwards; the place is then after them."""
        self._file = _open(self._log)
        if self._file is None:
            return
        end = self._to_end()
        found: deque[LogLine] = deque()
        for line in itertools.islice(self._backwards(self._file, end), count):
            found.appendleft(line)
        self._file.seek(end)
        yield from found

    def _backwards(self, youngest: BinaryIO, end: int) -> Iterator[LogLine]:
        older = [path for path in self._files() if not _same(youngest, path)]
        records = itertools.chain(_records_before(youngest, end), *map(_records_of, reversed(older)))
        return (line for record in records if (line := parse(record)) and self._wanted(line))

    def _files(self) -> list[Path]:
        """Oldest first, without those that ended before `since`."""
        aged = [(int(path.name.rpartition(".")[2]), path) for path in self._log.parent.glob(f"{self._log.name}.*")]
        older = [path for _, path in sorted(aged, reverse=True) if self._since is None or _age(path) >= self._since]
        return [*older, self._log]

    def _following(self) -> BinaryIO | None:
        """The next younger file; opened by its name, then asked whether that still was its name."""
        while path := self._next():
            file = _open(path)
            if file is None:
                return None  # between two steps of a rotation, or there is no log yet
            if (again := self._next()) and _same(file, again):
                return file
            file.close()
        return None

    def _next(self) -> Path | None:
        """The file after the one that is open; the oldest when there is none, or ours is gone already."""
        files = self._files()
        ours = next((place for place, path in enumerate(files) if self._file and _same(self._file, path)), -1)
        return files[ours + 1] if ours + 1 < len(files) else None

    def _wanted(self, line: LogLine) -> bool:
        return self._since is None or line.at > self._since

    def _to_end(self) -> int:
        """Go to the end of the last whole record."""
        assert self._file is not None  # noqa: S101 - called after an open
        end = self._file.seek(0, os.SEEK_END)
        start = max(0, end - _BLOCK)
        self._file.seek(start)
        whole, cut, _ = self._file.read(end - start).rpartition(b"\n")
        return self._file.seek(start + len(whole) + len(cut))

    def _rest(self) -> Iterator[LogLine]:
        while self._file and (block := self._file.read(_BLOCK)):
            *records, self._begun = (self._begun + block).split(b"\n")
            yield from (line for record in records if (line := parse(record)) and self._wanted(line))


def _open(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _age(path: Path) -> float:
    """When it was last written."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _same(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _records_of(path: Path) -> Iterator[bytes]:
    if file := _open(path):
        with file:
            yield from _records_before(file, file.seek(0, os.SEEK_END))


def _records_before(file: BinaryIO, place: int) -> Iterator[bytes]:
    """The whole records before a place, last first."""
    rest = b""
    while place > 0:
        step = min(_BLOCK, place)
        place -= step
        file.seek(place)
        rest, *records = (file.read(step) + rest).split(b"\n")
        yield from (record for record in reversed(records) if record)
    if rest:
        yield rest
