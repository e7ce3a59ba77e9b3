"""Clients' connections: each request is read strictly, whole, and one at a time.

What is refused, and why: more than one way to tell where a request ends is how requests are smuggled (RFC 9112, 6.1);
heads that never end hold connections for nothing (slowloris); a length or a body beyond the limits fills memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httptools

from fairlead.apps.hub.wire.exchange import Exchange

SINGLE = frozenset({b"host", b"content-length", b"transfer-encoding", b"authorization", b"x-api-key", b"content-type"})
"""Headers that nobody may send twice."""

MOST_WAITING = 16
"""Requests that a client may send ahead on one connection before it is no longer read from."""

REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    413: b"Content Too Large",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    503: b"Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much, and how long, a client may take."""

    head_bytes: int = 32 * 1024
    headers: int = 100
    body_bytes: int = 64 * 1024 * 1024
    head_s: float = 15.0
    """From the first byte of a head to its last."""
    body_s: float = 120.0
    idle_s: float = 75.0
    """Between two requests."""
    connections: int = 20_000


@dataclass(slots=True)
class Clients:
    """What all connections share."""

    serve: Callable[[Exchange], None]
    now: Callable[[], float]
    bounds: Bounds = field(default_factory=Bounds)
    connected: set[Connection] = field(default_factory=set)

    def connection(self) -> Connection:
        """A protocol for the next client."""
        return Connection(self)

    def sweep(self) -> None:
        """End connections whose time is over; called about once a second, so that no request needs a timer."""
        now = self.now()
        for connection in [one for one in self.connected if one.until < now]:
            connection.overdue()

    def close(self) -> None:
        """Take no further request: idle connections end now, the others after their answer."""
        for connection in list(self.connected):
            connection.last()


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._is_last = False
        self._refused = False
        self.until = 0.0
        """When its time is over, by the loop's clock; never while its answer is under way."""
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._head_bytes = 0
        self._body_bytes = 0
        self._began = False

    # from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        clients = self._clients
        clients.connected.add(self)
        self.until = clients.now() + clients.bounds.head_s
        if len(clients.connected) > clients.bounds.connections:
            self._refuse(503)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(501)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, _RefusedError) else 400)
        except httptools.HttpParserError:
            self._refuse(400)
        else:
            if not self._began and self._head_bytes + len(self._url) > self._clients.bounds.head_bytes:
                self._refuse(431)

    def connection_lost(self, error: Exception | None) -> None:
        self._clients.connected.discard(self)
        self._waiting.clear()
        current, self._current = self._current, None
        if current is not None:
            current.leave()

    def pause_writing(self) -> None:
        if self._current:
            self._current.stalled()

    def resume_writing(self) -> None:
        if self._current:
            self._current.flows()

    # from the parser

    def on_message_begin(self) -> None:
        self._reset()
        if self._current is None:
            self.until = self._clients.now() + self._clients.bounds.head_s

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > self._clients.bounds.head_bytes:
            raise _RefusedError(431)

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._head_bytes += len(name) + len(value) + 4
        headers, bounds = self._headers, self._clients.bounds
        if name in headers:
            if name in SINGLE:
                raise _RefusedError(400)
            value = headers[name] + b", " + value
        headers[name] = value
        if self._head_bytes > bounds.head_bytes or len(headers) > bounds.headers:
            raise _RefusedError(431)

    def on_headers_complete(self) -> None:
        headers, bounds = self._headers, self._clients.bounds
        self._began = True
        length = headers.get(b"content-length")
        if length is not None and (b"transfer-encoding" in headers or not length.isdigit()):
            raise _RefusedError(400)
        if length is not None and int(length) > bounds.body_bytes:
            raise _RefusedError(413)
        if self._parser.get_http_version() == "1.1" and b"host" not in headers:
            raise _RefusedError(400)
        if headers.get(b"expect", b"").lower() == b"100-continue" and self._current is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._current is None:
            self.until = self._clients.now() + bounds.body_s

    def on_body(self, data: bytes) -> None:
        self._body.append(data)
        self._body_bytes += len(data)
        if self._body_bytes > self._clients.bounds.body_bytes:
            raise _RefusedError(413)

    def on_message_complete(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        parser = self._parser
        exchange = Exchange(
            self, parser.get_method(), self._url, self._headers, body, parser.should_keep_alive() and not self._is_last
        )
        if self._current is not None:
            self._waiting.append(exchange)
            if len(self._waiting) >= MOST_WAITING:
                self._transport.pause_reading()
            return
        self._serve(exchange)

    # for the exchange

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    def done(self, keep: bool) -> None:
        """Go on with the next request, or end."""
        self._current = None
        if not keep or self._is_last:
            self._transport.close()
        elif self._waiting:
            following = self._waiting.popleft()
            self._transport.resume_reading()
            asyncio.get_running_loop().call_soon(self._serve, following)
        else:
            self.until = self._clients.now() + self._clients.bounds.idle_s

    def cut(self) -> None:
        """End amid an answer."""
        self._current = None
        self._transport.abort()

    def _serve(self, exchange: Exchange) -> None:
        self._current = exchange
        self.until = float("inf")
        self._clients.serve(exchange)

    # for all of them

    def overdue(self) -> None:
        """Its time is over."""
        if self._url or self._headers:
            self._refuse(408)
        else:
            self._transport.close()

    def last(self) -> None:
        """No further request is taken."""
        self._is_last = True
        if self._current is None:
            self._transport.close()
        else:
            self._current.keep = False

    def _refuse(self, status: int) -> None:
        """A request that can't be trusted ends its connection: where the next one begins is unknown."""
        self._refused = True
        if self._current is None:
            line = b"HTTP/1.1 %d %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % (status, REASONS[status])
            self._transport.write(line)
            self._transport.close()
        else:
            self.last()


class _RefusedError(Exception):
    """Raised inside the parser."""

    def __init__(self, status: int) -> None:
        self.status = status
