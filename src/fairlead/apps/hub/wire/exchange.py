"""One request and its answer, between the connection it came on and whoever answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Line(Protocol):
    """The connection of a client, as an exchange needs it."""

    @property
    def peer(self) -> str:
        """The address of its other end."""

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

    __slots__ = (
        "_line",
        "body",
        "chunked",
        "flows",
        "gone",
        "headers",
        "keep",
        "method",
        "open",
        "path",
        "query",
        "stalled",
    )

    def __init__(
        self,
        line: Line,
        method: bytes,
        url: bytes,
        headers: dict[bytes, bytes],
        body: bytes,
        keep: bool,
        chunked: bool = True,
    ) -> None:
        self._line = line
        self.method = method
        self.path, _, self.query = url.partition(b"?")
        self.headers = headers
        """Names in lower case, without the body's length. The next request may have the same ones: read only."""
        self.body = body
        self.keep = keep
        self.chunked = chunked
        """Whether the client reads chunks; to one of HTTP/1.0 the connection's end is the answer's."""
        self.open = True
        """Whether more of an answer can be given."""
        self.gone: Callable[[], None] = nothing
        self.stalled: Callable[[], None] = nothing
        self.flows: Callable[[], None] = nothing

    @property
    def peer(self) -> str:
        """The address that the request came from: the client's, or that of a proxy before the hub."""
        return self._line.peer

    def answer(self, head: bytes, body: bytes) -> None:
        """A whole answer; `head` is its status line and headers, without the length and the last line end."""
        if not self.open:
            return
        self.open = False
        if self.keep and self.method != b"HEAD":
            self._line.write(b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body))
        else:
            close = b"" if self.keep else b"\r\nconnection: close"
            shown = b"" if self.method == b"HEAD" else body
            self._line.write(b"%b\r\ncontent-length: %d%b\r\n\r\n%b" % (head, len(body), close, shown))
        self._done()

    def begin(self, head: bytes) -> None:
        """The beginning of an answer whose length is not known yet."""
        if self.open:
            self.keep = self.keep and self.chunked
            chunked = b"\r\ntransfer-encoding: chunked" if self.chunked else b""
            close = b"" if self.keep else b"\r\nconnection: close"
            self._line.write(b"%b%b%b\r\n\r\n" % (head, chunked, close))

    def send(self, data: bytes) -> None:
        """A piece of it."""
        if self.open and data and self.method != b"HEAD":
            self._line.write(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def end(self) -> None:
        """It is whole."""
        if self.open:
            self.open = False
            if self.chunked and self.method != b"HEAD":
                self._line.write(b"0\r\n\r\n")
            self._done()

    def fail(self) -> None:
        """It will never be whole."""
        if self.open:
            self.open = False
            self._forget()
            self._line.cut()

    def leave(self) -> None:
        """The client is gone."""
        if self.open:
            self.open = False
            gone = self.gone
            self._forget()
            gone()

    def _done(self) -> None:
        self._forget()
        self._line.done(self.keep)

    def _forget(self) -> None:
        """Who answers holds the exchange and is held by it: a circle that would wait for the garbage collector."""
        self.gone = self.stalled = self.flows = nothing
