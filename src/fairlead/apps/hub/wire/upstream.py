"""One connection to a provider: asked, answered, and given back to its pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import httptools

from fairlead.apps.hub.wire.known import MOST_TRIES, Known, known

ANSWER_BYTES = 128 * 1024 * 1024
"""Of an answer that is taken whole."""

HEADERS = 200
HEADER_BYTES = 128 * 1024

MOST_FRAMING = 8
"""Bytes on the wire for each byte of a body in chunks, beyond the room of a head: a chunk of one byte takes six."""


class Caller(Protocol):
    """Whoever asked. After `complete`, `answered` or `lost` nothing more comes."""

    def begun(self, status: int, headers: dict[bytes, bytes]) -> bool:
        """The head of an answer; `True` to have its body in pieces, as they come."""

    def piece(self, data: bytes) -> None:
        """Some of the body."""

    def complete(self) -> None:
        """All pieces have come."""

    def answered(self, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
        """The whole answer, for who did not want pieces."""

    def lost(self, why: str, *, untouched: bool) -> None:
        """There will be no answer, or no more of it; `untouched`: not a byte of one has come."""


class Upstream(asyncio.Protocol):
    """Speaks HTTP/1.1. `free` is called when it can be asked again, `ended` when it never can."""

    __slots__ = (
        "_body",
        "_body_bytes",
        "_caller",
        "_came_bytes",
        "_ended",
        "_free",
        "_head_bytes",
        "_headers",
        "_in_pieces",
        "_is_paused",
        "_is_spoilt",
        "_known",
        "_parser",
        "_request",
        "_status",
        "_touched",
        "_transport",
        "_tries",
        "_whole",
        "closed",
        "idle_since",
        "used",
    )

    def __init__(self, free: Callable[[Upstream], None], ended: Callable[[Upstream], None]) -> None:
        self._free = free
        self._ended = ended
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._known: Known[dict[bytes, bytes]] | None = None
        """The last head of an answer that went well, by its bytes."""
        self._tries = 0
        self._caller: Caller | None = None
        self._came_bytes = 0
        """Of this answer, when it did not come at once."""
        self._request = b""
        self._in_pieces = False
        self._touched = False
        self._is_paused = False
        self._is_spoilt = False
        self._whole = False
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self.closed = False
        self.used = 0
        """How often it has answered: only one that has can have been closed for its idle time."""
        self.idle_since = 0.0

    def ask(self, caller: Caller, request: bytes) -> None:
        """Send a whole request; one that is not connected yet sends it then."""
        self._caller = caller
        self._touched = False
        if self._transport is None:
            self._request = request
        else:
            self._transport.write(request)

    def drop(self) -> None:
        """Nobody waits any longer: the provider sees the connection end, and stops."""
        self._caller = None
        if self.closed:
            return
        self.closed = True
        self._parser = None
        self._request = b""
        if self._transport is not None:
            self._transport.abort()
        self._ended(self)

    def pause(self) -> None:
        """Take no more until `resume`: the client does not keep up."""
        if not self.closed and self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take more."""
        if self._is_paused and not self.closed:
            self._is_paused = False
            self._transport.resume_reading()

    def fail(self, why: str) -> None:
        """It can't be used, or not any more."""
        caller, touched = self._caller, self._touched
        self.drop()
        if caller is not None:
            caller.lost(why, untouched=not touched)

    # from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self.closed:
            self._transport.abort()
            return
        request, self._request = self._request, b""
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._caller is None:  # bytes that nobody asked for: what they belong to is unknown
            self.drop()
            return
        self._touched = True
        seen = self._known
        if seen is not None and not self._came_bytes and (body := seen.body(data)) is not None:
            self._recognized(seen.told, body)
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._is_spoilt = True  # what follows an answer makes the connection useless, but not the answer
            if not self._whole:
                _tell(error)
                self.fail("its answer is not HTTP, or too long")
                return
        if self._whole:
            self._remember(data)
            self._finish()
        else:
            self._weigh(len(data))

    def _recognized(self, headers: dict[bytes, bytes], body: bytes) -> None:
        """An answer with a head that came before, whole."""
        self._tries = 0
        self._status, self._headers, self._whole = 200, headers, True
        if self._caller is not None:
            self._in_pieces = self._caller.begun(200, headers)
        self.on_body(body)
        self._finish()

    def _remember(self, data: bytes) -> None:
        """Keep its head, where it came at once and another answer can follow."""
        if self._status != 200 or self._came_bytes or self._is_spoilt or self._tries >= MOST_TRIES:
            return
        if b"transfer-encoding" not in self._headers:
            self._tries += 1
            same = {name: value for name, value in self._headers.items() if name != b"content-length"}
            self._known = known(data, same)

    def eof_received(self) -> bool:
        """The end of the connection may be the end of an answer without a length."""
        if self._caller is not None and self._status >= 200 and _until_closed(self._headers):
            self._whole = True
            self._is_spoilt = True
            self._finish()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.fail("the connection was closed" if error is None else "the connection was reset")

    # from the parser

    def on_message_begin(self) -> None:
        if self._whole or self._parser is None:  # more than was asked for; nobody else may get it as an answer
            raise _Wrong

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._status:  # a trailer, which must not change what the head said (RFC 9110, 6.5.1)
            return
        headers = self._headers
        headers[name.lower()] = value
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEADER_BYTES or len(headers) > HEADERS:
            raise _Wrong

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # 100 Continue, 103 Early Hints: the answer is still to come
            return
        self._status = status
        if self._caller is not None:
            self._in_pieces = self._caller.begun(status, self._headers)

    def on_body(self, data: bytes) -> None:
        if self._caller is None:
            return
        self._body_bytes += len(data)
        if self._in_pieces:
            self._caller.piece(data)
            return
        self._body.append(data)
        if self._body_bytes > ANSWER_BYTES:
            raise _Wrong

    def on_message_complete(self) -> None:
        if self._status:
            self._whole = True
            self._is_spoilt = self._is_spoilt or not self._parser or not self._parser.should_keep_alive()
        else:
            self._headers = {}

    def _weigh(self, size: int) -> None:
        """A head, a trailer or an extension of a chunk without an end is gathered, or read, for ever."""
        self._came_bytes += size
        if self._came_bytes > 2 * HEADER_BYTES + MOST_FRAMING * self._body_bytes and not self.closed:
            self.fail("its answer is nothing but framing")

    def _finish(self) -> None:
        """Tell the caller, once no byte that came with the answer is left to be read."""
        caller, status, headers, body = self._caller, self._status, self._headers, self._body
        if caller is None:
            return
        keep = not self._is_spoilt and not self.closed
        self._caller, self._status, self._headers, self._head_bytes = None, 0, {}, 0
        self._whole = False
        self._came_bytes = 0
        self.used += 1
        if keep:
            self.resume()
            self._body, self._body_bytes = [], 0
            self._free(self)
        else:
            self.drop()
        if self._in_pieces:
            caller.complete()
        else:
            caller.answered(status, headers, body[0] if len(body) == 1 else b"".join(body))


class _Wrong(Exception):
    """Raised inside the parser."""


def _tell(error: Exception) -> None:
    """A fault of the caller's: for the log, since the parser wraps it as one of the answer."""
    if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(error.__context__, _Wrong):
        context = {"message": "an answer could not be passed on", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)


def _until_closed(headers: dict[bytes, bytes]) -> bool:
    return b"content-length" not in headers and b"transfer-encoding" not in headers
