"""Server-sent events, read in pieces cut anywhere and written (HTML Living Standard, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apps.hub.calls import Unsayable

LINE_END = re.compile(rb"\r\n|\n|\r")
MOST_BYTES = 64 * 1024 * 1024
"""Of one event that is not whole yet: a provider that never ends one must not fill the memory."""


class Events:
    """Gives (event, data) for each whole event that has data; the event's name is "" when it has none."""

    __slots__ = ("_begun", "_buffer", "_data", "_name", "_searched", "_size", "_skip")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._begun = False
        self._skip = False
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """The events that this piece completes. Raises `Unsayable` for one that is too long."""
        self._buffer += piece
        for line in self._lines():
            if not line:
                if self._data:
                    yield self._whole()
                self._name = ""
            else:
                self._field(line)
        if len(self._buffer) + self._size > MOST_BYTES:
            raise Unsayable(f"an event of the stream is longer than {MOST_BYTES} bytes")

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """The last event, when the stream ended without the empty line after it."""
        yield from self.feed(b"\n\n")

    def _lines(self) -> list[bytes]:
        """Whole lines. A line may end in CR alone, so a LF that begins the next piece can belong to the last one."""
        buffer = self._buffer
        if self._skip and buffer:
            self._skip = False
            if buffer[0] == 10:
                del buffer[0]
        lines, start = [], 0
        for end in LINE_END.finditer(buffer, self._searched):
            lines.append(bytes(buffer[start : end.start()]))
            start = end.end()
        if start:
            self._skip = buffer[start - 1] == 13 and start == len(buffer)
            del buffer[:start]
        self._searched = len(buffer)
        if lines and not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        return lines

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._size += len(value)
        elif name == b"event":
            self._name = value.decode(errors="replace")

    def _whole(self) -> tuple[str, bytes]:
        event = self._name, b"\n".join(self._data)
        self._data, self._size = [], 0
        return event


def event(data: bytes, name: str = "") -> bytes:
    """One event; `data` is without line ends (JSON is)."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data) if name else b"data: %b\n\n" % data


def payloads(body: bytes, mark: bytes) -> Iterator[bytes]:
    """The data with `mark` in it: of the lines of events, or the body itself when it is JSON."""
    if mark not in body:
        return
    if body[:1] in b"{[":
        yield body
        return
    for line in LINE_END.split(body):
        if line.startswith(b"data:") and mark in line:
            yield line[5:].lstrip()
