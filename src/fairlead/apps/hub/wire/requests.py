"""Reads requests off a connection, strictly: what could be read in two ways is refused.

More than one way to tell where a request ends is how requests are smuggled (RFC 9112, 6.1 and 11.2); llhttp refuses
most of it (bare LF, folded lines, NUL, two lengths, bad chunk sizes), this the rest.
"""

from __future__ import annotations

from typing import Any, Protocol

import httptools

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.known import MOST_TRIES, Known, known

SINGLE = frozenset(
    {
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"content-type",
        b"authorization",
        b"x-api-key",
        b"api-key",
        b"x-goog-api-key",
    }
)
"""Headers that nobody may send twice."""

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
"""Others are of protocols that look like HTTP (RTSP), or mean something else (CONNECT, TRACE)."""

MOST_FRAMING = 8
"""Bytes on the wire for each byte of a body in chunks, beyond the room of a head: a chunk of one byte takes six."""


class Refused(Exception):
    """A request that can't be trusted; `status` says why; 0: there is nothing to be said, only no more to be read."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Listener(Protocol):
    """Whoever takes the requests."""

    def expected(self) -> None:
        """Somebody waits to be told that the body may come; the head was not refused."""

    def whole(self, method: bytes, url: bytes, headers: dict[bytes, bytes], body: bytes, keep: bool, new: bool) -> None:
        """A whole request; `new`: of HTTP/1.1."""


_Told = tuple[bytes, bytes, dict[bytes, bytes]]
"""Method, address and headers."""


class Requests:
    """The requests of one connection. `feed` raises `Refused`."""

    __slots__ = (
        "_body",
        "_body_bytes",
        "_bounds",
        "_came_bytes",
        "_head_bytes",
        "_headers",
        "_known",
        "_last",
        "_listener",
        "_most_bytes",
        "_parser",
        "_tries",
        "_url",
        "headed",
        "length",
        "reading",
    )

    def __init__(self, listener: Listener, bounds: Bounds) -> None:
        self._listener = listener
        self._bounds = bounds
        self._most_bytes = bounds.head_bytes
        self._parser: Any = httptools.HttpRequestParser(self)
        self._came_bytes = 0
        self._known: Known[_Told] | None = None
        self._last: _Told | None = None
        """The head of the last request, where another one with the same can be told by its bytes."""
        self._tries = 0
        self.reading = False
        """Whether some of a request has come, and not all of it."""
        self._reset()

    def feed(self, data: bytes) -> None:
        """More bytes."""
        if self.reading:
            self._read(data)
            return
        seen = self._known
        if seen is not None and (body := seen.body(data)) is not None and len(body) <= self._bounds.body_bytes:
            self._tries = 0
            method, url, headers = seen.told
            self._listener.whole(method, url, headers, body, True, True)
            return
        self._last = None
        last = self._read(data)
        if last is not None and self._tries < MOST_TRIES:
            self._tries += 1
            self._known = known(data, last)

    def _read(self, data: bytes) -> _Told | None:
        """The last request of it, where its head may come again."""
        self._came_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise Refused(0) from None
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Refused):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError:
            raise Refused(400) from None
        if self.reading and self._came_bytes > self._most_bytes:
            self._weigh()
        return self._last

    def close(self) -> None:
        """Nothing more comes; the parser and this hold each other."""
        self._parser = None

    def _weigh(self) -> None:
        """A header without an end, chunks that are nothing but framing, a trailer without an end."""
        bounds = self._bounds
        if not self.headed:
            raise Refused(431)
        if self._came_bytes > 2 * bounds.head_bytes + 256 * 1024 + MOST_FRAMING * self._body_bytes:
            raise Refused(400)

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._head_bytes = 0
        self._body_bytes = 0
        self.headed = False
        """Whether the head of the one that comes has come."""
        self.length = 0
        """Of its body, as told; 0 when not."""

    # from the parser

    def on_message_begin(self) -> None:
        if self._parser is None:
            raise Refused(0)
        self._reset()
        self.reading = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > self._bounds.head_bytes:
            raise Refused(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        size = self._head_bytes = self._head_bytes + len(name) + len(value) + 4
        if self.headed:  # a trailer: it is not part of what was asked, only bounded
            self._bound_trailer()
            return
        name, headers = name.lower(), self._headers
        if name in headers:
            if name in SINGLE:
                raise Refused(400)
            value = headers[name] + b", " + value
        headers[name] = value
        if size > self._most_bytes:
            raise Refused(431)

    def on_headers_complete(self) -> None:
        self.headed = True
        headers = self._headers
        if len(headers) > self._bounds.headers:
            raise Refused(431)
        version, method = self._parser.get_http_version(), self._parser.get_method()
        if version != "1.1" and version != "1.0":
            raise Refused(400)
        if b"host" not in headers and version == "1.1":
            raise Refused(400)
        if method not in METHODS:
            raise Refused(501)
        if b"transfer-encoding" in headers:
            self._check_coding(headers, version)
        length = headers.pop(b"content-length", None)  # of the body, which is at hand, and not of who asks for what
        if length is not None:
            self.length = int(length)
            if self.length > self._bounds.body_bytes:
                raise Refused(413)
        if not self._url.startswith(b"/"):
            self._url = _origin_form(method, self._url)
        if b"expect" in headers and headers[b"expect"].lower() == b"100-continue":
            self._listener.expected()

    def on_body(self, data: bytes) -> None:
        self._body.append(data)
        self._body_bytes += len(data)
        if self._body_bytes > self._bounds.body_bytes:
            raise Refused(413)

    def on_message_complete(self) -> None:
        parts, parser = self._body, self._parser
        self.reading = False
        self._came_bytes = 0
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        new = parser.get_http_version() == "1.1"
        keep = new and parser.should_keep_alive()
        method, url, headers = parser.get_method(), self._url, self._headers
        if not keep:  # llhttp takes nothing more, so neither does who knows the head
            self._known = self._last = None
        elif b"expect" not in headers and b"transfer-encoding" not in headers:
            self._last = method, url, headers
        self._listener.whole(method, url, headers, body, keep, new)

    # what is refused

    def _bound_trailer(self) -> None:
        if self._head_bytes > 2 * self._bounds.head_bytes:
            raise Refused(431)

    @staticmethod
    def _check_coding(headers: dict[bytes, bytes], version: str) -> None:
        """Only chunks, and not from HTTP/1.0, which knows none (RFC 9112, 6.1)."""
        if version == "1.0" or b"content-length" in headers:
            raise Refused(400)
        if headers[b"transfer-encoding"].lower() != b"chunked":
            raise Refused(501)


def _origin_form(method: bytes, url: bytes) -> bytes:
    """The path of a whole address, as clients send it to proxies and servers have to take it (RFC 9112, 3.2.2)."""
    if method == b"OPTIONS" and url == b"*":
        return url
    scheme, mark, rest = url.partition(b"://")
    if not mark or scheme.lower() not in (b"http", b"https"):
        raise Refused(400)
    end = min(at for at in (rest.find(b"/"), rest.find(b"?"), len(rest)) if at >= 0)
    return rest[end:] if rest[end : end + 1] == b"/" else b"/" + rest[end:]
