"""One request and its answer, between the connection it came on and whoever answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Line(Protocol):
    """The connection of a client, as an exchange needs it."""

    def write(self, data: bytes) -> None:
        """Send bytes; what the client has not taken yet is kept."""

    def done(self, keep: bool) -> None:
        """The answer is complete; without `keep` the connection ends."""

    def cut(self) -> None:
        """End the connection amid an answer, so that the client knows that it is not whole."""


def nothing() -> None:
    """Nobody minds."""


class Exchange:
    """A whole request. It is answered once: by `answer`; or by `begin`, any number of `send`, and `end` or `fail`.

    Whoever answers may set `gone` (called when the client leaves before the end), `stalled` (it takes less than it is
    sent) and `flows` (it takes again).
    """

    __slots__ = ("_line", "body", "flows", "gone", "headers", "keep", "method", "open", "path", "query", "stalled")

    def __init__(
        self, line: Line, method: bytes, url: bytes, headers: dict[bytes, bytes], body: bytes, keep: bool
    ) -> None:
        self._line = line
        self.method = method
        self.path, _, self.query = url.partition(b"?")
        self.headers = headers
        """Names in lower case."""
        self.body = body
        self.keep = keep
        self.open = True
        """Whether more of an answer can be given."""
        self.gone: Callable[[], None] = nothing
        self.stalled: Callable[[], None] = nothing
        self.flows: Callable[[], None] = nothing

    def answer(self, head: bytes, body: bytes) -> None:
        """A whole answer; `head` is its status line and headers, without the length and the last line end."""
        if self.open:
            self.open = False
            self._line.write(b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body))
            self._line.done(self.keep)

    def begin(self, head: bytes) -> None:
        """The beginning of an answer whose length is not known yet."""
        if self.open:
            self._line.write(b"%b\r\ntransfer-encoding: chunked\r\n\r\n" % head)

    def send(self, data: bytes) -> None:
        """A piece of it."""
        if self.open and data:
            self._line.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        """It is whole."""
        if self.open:
            self.open = False
            self._line.write(b"0\r\n\r\n")
            self._line.done(self.keep)

    def fail(self) -> None:
        """It will never be whole."""
        if self.open:
            self.open = False
            self._line.cut()

    def leave(self) -> None:
        """The client is gone."""
        if self.open:
            self.open = False
            self.gone()
