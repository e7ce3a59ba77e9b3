"""Contents of any size in windows of one: each reaches back into the one before, so that no secret is cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.apps.guard.engine.plan import LONGEST
from fairlead.apps.guard.scanning.readers import Read, filled

SIZE = 1 << 20
"""Bytes that are read at a time."""
AHEAD = 2 * LONGEST
"""Bytes at the end of a window that the next one answers for: what begins before them ends in this one."""
BEHIND = 4096
"""Bytes before the part that a window answers for: the line that a match stands in."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a content. It answers for what begins at or behind `begin` and before `end`."""

    data: bytes
    begin: int
    end: int
    offset: int
    """Bytes of the content before `data`."""
    line: int
    """The line that `data` begins in, counted from 1."""
    column: int
    """Characters of that line before `data`."""

    def position(self, at: int) -> tuple[int, int]:
        """Line and column of a byte, counted from 1."""
        newlines = self.data.count(b"\n", 0, at)
        start = self.data.rfind(b"\n", 0, at) + 1
        before = 0 if newlines else self.column
        return self.line + newlines, before + characters(self.data[start:at]) + 1

    def line_of(self, at: int) -> bytes:
        """The line that a byte stands in, and the one above it, as far as they are near."""
        lowest = max(0, at - BEHIND)
        above = self.data.rfind(b"\n", lowest, max(lowest, self.data.rfind(b"\n", lowest, at)))
        end = self.data.find(b"\n", at, at + BEHIND)
        return self.data[max(lowest, above + 1) : end if end >= 0 else at + BEHIND]


def windows(read: Read) -> Iterator[Window]:
    """All of a content, part by part."""
    data, begin, offset, line, column = filled(read, SIZE), 0, 0, 1, 0
    while data:
        more = filled(read, SIZE)
        # What a window answers for ends between two lines, if one ends near: the next then begins as a text does.
        end = max(begin, _line_end(data, begin, len(data) - AHEAD)) if more else len(data) + 1
        yield Window(data, begin, end, offset, line, column)
        if not more:
            return
        cut = max(0, end - BEHIND)
        line, column = _moved(data, cut, line, column)
        begin, offset, data = end - cut, offset + cut, data[cut:] + more


def _line_end(data: bytes, begin: int, end: int) -> int:
    newline = data.rfind(b"\n", max(begin, end - AHEAD, 0), max(end, 0))
    return newline + 1 if newline >= 0 else end


def _moved(data: bytes, cut: int, line: int, column: int) -> tuple[int, int]:
    newlines = data.count(b"\n", 0, cut)
    if not newlines:
        return line, column + characters(data[:cut])
    return line + newlines, characters(data[data.rfind(b"\n", 0, cut) + 1 : cut])


def characters(data: bytes) -> int:
    """Characters of UTF-8: every byte that does not continue one."""
    return len(data) if data.isascii() else len(data.decode("utf-8", "replace"))
