"""Reading an instance's log while its shim writes it: the end first, only what is asked for, across rotations."""

from __future__ import annotations

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
    reader = _Reader(log)
    try:
        for line in reader.last(tail, since) if tail is not None else reader.all(since):
            yield line
        while follow and log.parent.exists():
            fresh = False
            for line in reader.fresh():
                fresh = True
                yield line
            if not fresh:
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
    """A place in a log: the open file and the begin of a record whose end is not written yet."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._file: BinaryIO | None = None
        self._begun = b""

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _files(self) -> list[Path]:
        """Oldest first."""
        aged = [(int(path.name.rpartition(".")[2]), path) for path in self._log.parent.glob(f"{self._log.name}.*")]
        return [path for _, path in sorted(aged, reverse=True)] + [self._log]

    def all(self, since: float | None) -> Iterator[LogLine]:
        """From the oldest file that can hold a line after `since`, leaving off at the end of the youngest."""
        files = [path for path in self._files() if since is None or _written_after(path, since)]
        for path in files:
            if self._open(path):
                yield from (line for line in self._rest() if since is None or line.at > since)

    def last(self, count: int, since: float | None) -> Iterator[LogLine]:
        """The last `count` lines, read from the end backwards."""
        found: deque[LogLine] = deque()
        for path in reversed(self._files()):
            if len(found) >= count:
                break
            for record in _backwards(path):
                if len(found) >= count:
                    break
                line = parse(record)
                if line and (since is None or line.at > since):
                    found.appendleft(line)
        if self._open(self._log):
            self._to_end()
        yield from found

    def fresh(self) -> Iterator[LogLine]:
        """What has been written since; goes on with the next file when ours was rotated away."""
        yield from self._rest()
        if self._file is None:
            if self._open(self._log):
                yield from self._rest()
        elif not _same(self._file, self._log):
            yield from self._rest()  # written between the last read and the rotation
            for path in self._younger():
                if self._open(path):
                    yield from self._rest()

    def _younger(self) -> list[Path]:
        """The files after the one that is open; all of them when ours is gone already."""
        files = self._files()
        ours = next((place for place, path in enumerate(files) if self._file and _same(self._file, path)), -1)
        return files[ours + 1 :]

    def _open(self, path: Path) -> bool:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        self.close()
        self._file, self._begun = file, b""
        return True

    def _to_end(self) -> None:
        assert self._file is not None  # noqa: S101 - called after an open
        end = self._file.seek(0, os.SEEK_END)
        start = max(0, end - _BLOCK)
        self._file.seek(start)
        whole, cut, _ = self._file.read(end - start).rpartition(b"\n")
        self._file.seek(start + len(whole) + len(cut))

    def _rest(self) -> Iterator[LogLine]:
        while self._file and (block := self._file.read(_BLOCK)):
            *records, self._begun = (self._begun + block).split(b"\n")
            yield from (line for record in records if (line := parse(record)))


def _written_after(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime >= since
    except FileNotFoundError:
        return False


def _same(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _backwards(path: Path) -> Iterator[bytes]:
    """The whole records of a file, last first."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        place = file.seek(0, os.SEEK_END)
        rest = b""
        while place > 0:
            step = min(_BLOCK, place)
            place -= step
            file.seek(place)
            rest, *records = (file.read(step) + rest).split(b"\n")
            yield from (record for record in reversed(records) if record)
        if rest:
            yield rest
