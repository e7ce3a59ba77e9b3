"""The two framings of Gemini's streams: events (`alt=sse`), or one JSON array whose items come one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes.sse import MOST_BYTES, Events

_SIGNS = re.compile(rb'["\\{}\[\]]')


class Items:
    """The objects in an array, each when it is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._start = 0
        self._depth = 0
        self._string = False

    def feed(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """The objects that this piece completes. Raises `Unsayable` for one that is too long."""
        self._buffer += piece
        while (sign := _SIGNS.search(self._buffer, self._at)) is not None:
            if self._string and sign[0] == b"\\" and sign.end() == len(self._buffer):
                break  # what it escapes is yet to come
            self._at = sign.end()
            if (item := self._after(sign)) is not None:
                yield "", item
        else:
            self._at = len(self._buffer)
        if len(self._buffer) > MOST_BYTES:
            raise Unsayable(f"an item of the stream is longer than {MOST_BYTES} bytes")

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """Nothing: an object that was not ended is not whole."""
        yield from ()

    def _after(self, sign: re.Match[bytes]) -> bytes | None:
        """The object that a sign ends, if it does."""
        found = sign[0]
        if self._string:
            if found == b"\\":
                self._at += 1
            self._string = found != b'"'
        elif found == b'"':
            self._string = True
        elif found == b"{":
            self._start = sign.start() if self._depth == 0 else self._start
            self._depth += 1
        elif found == b"}" and self._depth > 0:
            self._depth -= 1
            if self._depth == 0:
                return self._cut()
        return None

    def _cut(self) -> bytes:
        item = bytes(self._buffer[self._start : self._at])
        del self._buffer[: self._at]
        self._at = self._start = 0
        return item


class Framing:
    """Whichever of the two comes: an array begins with a bracket, events never do."""

    def __init__(self) -> None:
        self._begun = b""
        self._chosen: Events | Items | None = None

    def feed(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """What the piece completes."""
        if self._chosen is None:
            self._begun += piece
            if not (seen := self._begun.lstrip(b"\xef\xbb\xbf \r\n\t")):
                return
            self._chosen = Items() if seen.startswith(b"[") else Events()
            piece = self._begun
        yield from self._chosen.feed(piece)

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """What is left at the end."""
        if self._chosen is not None:
            yield from self._chosen.rest()
