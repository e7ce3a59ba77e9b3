"""One connection to a provider: asked, answered, and given back to its pool."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import httptools


class Caller(Protocol):
    """Whoever asked. After `answered`, `complete` or `lost` nothing more comes."""

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
    """Speaks HTTP/1.1. `free` is called when it can be asked again."""

    def __init__(self, free: Callable[[Upstream], None]) -> None:
        self._free = free
        self._parser: Any = None
        self._transport: Any = None
        self._caller: Caller | None = None
        self._in_pieces = False
        self._touched = False
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self.closed = False
        self.used = 0
        """How often it has answered: only one that has can have been closed by its idle time."""
        self.idle_since = 0.0

    def ask(self, caller: Caller, request: bytes) -> None:
        """Send a whole request."""
        self._caller = caller
        self._touched = False
        self._parser = self._parser or httptools.HttpResponseParser(self)
        self._transport.write(request)

    def drop(self) -> None:
        """Nobody waits any longer: the provider sees the connection end, and stops."""
        self._caller = None
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Take no more until `resume`: the client does not keep up."""
        if not self.closed:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take more."""
        if not self.closed:
            self._transport.resume_reading()

    # from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._caller is None:  # bytes that nobody asked for: what they belong to is unknown
            self.drop()
            return
        self._touched = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._lose("not HTTP")

    def eof_received(self) -> bool:
        """The end of the connection may be the end of an answer without a length."""
        if self._caller is not None and self._headers and _until_closed(self._headers):
            self.closed = True
            self.on_message_complete()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self._lose("connection closed" if error is None else "connection reset")

    # from the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._caller is not None and status >= 200:
            self._in_pieces = self._caller.begun(status, self._headers)

    def on_body(self, data: bytes) -> None:
        if self._caller is None:
            return
        if self._in_pieces:
            self._caller.piece(data)
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        caller, status = self._caller, self._parser.get_status_code()
        if status < 200 or caller is None:  # 100 Continue, 103 Early Hints: the answer is still to come
            self._headers = {}
            return
        headers, body = self._headers, self._body
        self._headers, self._body, self._caller = {}, [], None
        self.used += 1
        if self._parser.should_keep_alive() and not self.closed:
            self._free(self)
        else:
            self.drop()
        if self._in_pieces:
            caller.complete()
        else:
            caller.answered(status, headers, body[0] if len(body) == 1 else b"".join(body))

    def _lose(self, why: str) -> None:
        caller, touched = self._caller, self._touched
        self.drop()
        if caller is not None:
            caller.lost(why, untouched=not touched)


def _until_closed(headers: dict[bytes, bytes]) -> bool:
    return b"content-length" not in headers and b"transfer-encoding" not in headers
