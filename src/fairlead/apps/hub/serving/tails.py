"""What is kept of a stream that is passed on: as much of its end as may tell the usage, and figures to estimate it by.

Providers tell the usage in one of their last events, so the last two pieces that end with an event are enough; nothing
is copied, and what is kept does not grow with the stream.
"""

from __future__ import annotations

import re

from fairlead.apps.hub.calls import Chat, Failure, Operation, Unsayable, Usage, joined
from fairlead.apps.hub.shapes import Shape
from fairlead.apps.hub.shapes.openai.usage import only_usage

MOST_BYTES = 4 * 1024 * 1024
"""Of one event: an event of the Responses API at the end holds the whole answer."""

MOST_HELD = 1024 * 1024
"""Of an event that is kept back until it is whole."""

ERROR = re.compile(rb'"error"\s*:\s*[{"]|"type"\s*:\s*"error"')
"""What stands in an event that tells an error: a quick look, before one is read."""

END = re.compile(rb"\r\n\r\n|\n\n|\r\r")

BYTES_PER_TOKEN = 4
"""Of English text in the common tokenizers, about."""


class Tail:
    """Of one stream."""

    __slots__ = ("_is_open", "_last", "_previous", "bytes", "events", "smallest")

    def __init__(self) -> None:
        self._previous = b""
        self._last = b""
        self._is_open = False
        """Whether the last piece ended amid an event."""
        self.events = 0
        self.bytes = 0
        self.smallest = 0
        """Bytes of the smallest piece: what an event has around its text."""

    def add(self, piece: bytes) -> None:
        """More of the stream."""
        size = len(piece)
        self.bytes += size
        self.events += 1
        if size < self.smallest or not self.smallest:
            self.smallest = size
        if self._is_open:
            self._last = self._last + piece if len(self._last) < MOST_BYTES else piece
        else:
            self._previous, self._last = self._last, piece
        self._is_open = not ends(piece)

    def told(self, shape: Shape, operation: Operation) -> Usage | None:
        """The usage that the provider told."""
        found = None
        for piece in (self._previous, self._last):
            for part in piece.split(b"\n\n"):
                if (usage := shape.usage(operation, part)) is not None:
                    found = joined(found, usage)
        return found

    def is_whole(self, shape: Shape) -> bool:
        """Whether the stream was told to be over, as far as can be known."""
        return shape.ended is None or shape.ended.search(self._previous + self._last) is not None

    def failure(self, shape: Shape) -> Failure | None:
        """The error that the provider told at its end."""
        data = self._previous + self._last
        if ERROR.search(data) is None:
            return None
        try:
            items = shape.reader(Chat("", (), stream=True)).feed(data)
        except Unsayable:
            return None
        return next((item for item in items if isinstance(item, Failure)), None)

    def estimated(self, prompt: int) -> Usage:
        """The usage as far as it can be guessed: a token for each event, or for some bytes of their text."""
        text = max(0, self.bytes - self.events * self.smallest) // BYTES_PER_TOKEN
        return Usage(input=prompt, output=max(self.events, text), estimated=True)


def ends(piece: bytes) -> bool:
    """Whether an event ends with it."""
    return piece.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))


class Showing:
    """What a client gets of it: whole events, so that an error can follow any of them, and none that holds the usage
    alone for one that has not asked for it."""

    __slots__ = ("_rest", "_usage")

    def __init__(self, usage: bool) -> None:
        self._usage = usage
        self._rest = b""

    def shown(self, piece: bytes) -> bytes:
        """What the client gets of it; an event that is not whole is kept back, unless it is too long for that."""
        if not self._rest and ends(piece) and (self._usage or not only_usage(piece)):
            return piece
        data, start, shown = self._rest + piece, 0, []
        for end in END.finditer(data):
            event, start = data[start : end.end()], end.end()
            if self._usage or not only_usage(event):
                shown.append(event)
        self._rest = data[start:]
        if len(self._rest) > MOST_HELD:
            shown.append(self._rest)
            self._rest = b""
        return b"".join(shown)

    def rest(self) -> bytes:
        """What is left at the end."""
        rest, self._rest = self._rest, b""
        return b"" if not self._usage and only_usage(rest) else rest
