"""An instance's log: lines stamped with time and stream, files of bounded size, and a full disk survived.

One record is one line: `1763555555.123456 out text`. A line longer than `LONGEST` is cut into several records. What
can't be written is counted, and the count is told in the log as soon as it takes lines again.
"""

from __future__ import annotations

import os
import time

LONGEST = 32 * 1024


class Log:
    """Appends records to `path`, keeping `keep` older files beside it: `path.1` is the youngest of those."""

    def __init__(self, path: str, max_bytes: int, keep: int) -> None:
        self._path = path
        self._max = max_bytes
        self._keep = keep
        self._file = -1
        self._size = 0
        self._begun = {b"out": b"", b"err": b""}
        self._dropped = 0
        self._why = ""

    @property
    def owes(self) -> bool:
        """Lines were dropped and the log does not say so yet."""
        return self._dropped > 0

    def take(self, stream: bytes, data: bytes) -> None:
        """Add what was read from a stream; a last line without its end is kept until the rest comes."""
        *lines, rest = (self._begun[stream] + data).split(b"\n")
        while len(rest) > LONGEST:
            lines.append(rest[:LONGEST])
            rest = rest[LONGEST:]
        self._begun[stream] = rest
        if lines:
            self._append(stream, lines)

    def say(self, text: str) -> None:
        """Add a line of Fairlead's own, after anything that the program had begun."""
        self.finish()
        self._append(b"err", [b"[fairlead] " + text.encode("utf-8", "replace")])

    def finish(self) -> None:
        """Write down lines that were begun and will get no end."""
        for stream, rest in self._begun.items():
            if rest:
                self._begun[stream] = b""
                self._append(stream, [rest])

    def settle(self) -> None:
        """Try to tell of dropped lines."""
        if self.owes:
            told = f"[fairlead] {self._dropped} lines were dropped: {self._why}"
            try:
                self._write(_records(b"err", [told.encode()]))
            except OSError:
                return
            self._dropped = 0

    def _append(self, stream: bytes, lines: list[bytes]) -> None:
        self.settle()
        left = _records(stream, lines)
        if self.owes:
            self._dropped += left.count(b"\n")
            return
        try:
            while left:
                left = left[self._write(left) :]
        except OSError as error:
            self._dropped += left.count(b"\n")
            self._why = os.strerror(error.errno or 0).lower()

    def _write(self, records: bytes) -> int:
        """Write as many whole records as fit into one file; how many bytes those were."""
        if self._file < 0:
            self._open()
        piece = self._fitting(records)
        if not piece:
            self._rotate()
            piece = self._fitting(records)
        self._write_whole(piece)
        return len(piece)

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._file).st_size

    def _fitting(self, records: bytes) -> bytes:
        room = self._max - self._size
        if len(records) <= room:
            return records
        whole = records.rfind(b"\n", 0, max(room, 0)) + 1
        if whole or self._size:
            return records[:whole]
        return records[: records.find(b"\n") + 1]  # a record larger than a file has one to itself

    def _write_whole(self, piece: bytes) -> None:
        """Write all of it or nothing: what a full disk took in part is cut off again."""
        done = 0
        try:
            while done < len(piece):
                done += os.write(self._file, piece[done:])
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(piece)

    def _rotate(self) -> None:
        os.close(self._file)
        self._file = -1
        if self._keep == 0:
            os.unlink(self._path)  # noqa: PTH108 - no pathlib in the shim
        for age in range(self._keep, 0, -1):
            younger = f"{self._path}.{age - 1}" if age > 1 else self._path
            try:
                os.rename(younger, f"{self._path}.{age}")  # noqa: PTH104 - no pathlib in the shim
            except FileNotFoundError:
                continue
        self._open()


def _records(stream: bytes, lines: list[bytes]) -> bytes:
    stamp = b"%.6f %s " % (time.time(), stream)
    return b"".join([stamp + line + b"\n" for line in lines])
