"""Clients' connections: requests are taken one at a time, in order, within bounds of size and time.

Heads that never end hold connections for nothing (slowloris), a length or a body beyond the limits fills memory, and so
does a client that asks and does not read. Times are looked after by one sweep over all connections about once a
second, so that no request needs a timer. A client that shuts its side of the connection counts as gone, as for nginx:
from here it can't be told from one that left.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fairlead.apps.hub.wire.bounds import Bounds
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.requests import Refused, Requests

REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    413: b"Content Too Large",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    503: b"Service Unavailable",
}

WRITE_BYTES = 64 * 1024
"""What may wait to be taken by a client before its provider is asked to wait too."""

NEVER = float("inf")


@dataclass(slots=True)
class Clients:
    """What all connections share."""

    serve: Callable[[Exchange], None]
    now: Callable[[], float]
    bounds: Bounds = field(default_factory=Bounds)
    connected: set[Connection] = field(default_factory=set)
    closing: bool = False
    emptied: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the last connection has ended, after `close`."""

    def connection(self) -> Connection:
        """A protocol for the next client."""
        return Connection(self)

    def sweep(self) -> None:
        """End connections whose time is over; called about once a second."""
        now = self.now()
        for connection in [one for one in self.connected if one.until < now]:
            connection.overdue()

    def close(self) -> None:
        """Take no further request: idle connections end now, the others after the answer they wait for."""
        self.closing = True
        for connection in list(self.connected):
            connection.last()
        self.parted()

    def parted(self) -> None:
        """One has ended."""
        if self.closing and not self.connected:
            self.emptied.set()

    def abort(self) -> None:
        """End all of them now."""
        for connection in list(self.connected):
            connection.cut()


class Connection(asyncio.Protocol):
    """One client."""

    __slots__ = (
        "_clients",
        "_current",
        "_held_bytes",
        "_is_full",
        "_is_last",
        "_requests",
        "_timed",
        "_transport",
        "_waiting",
        "until",
    )

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._requests: Requests | None = Requests(self, clients.bounds)
        self._transport: Any = None
        self._timed = ""
        """What `until` is about of a request that has not come at once: its head or its body."""
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._held_bytes = 0
        self._is_last = clients.closing
        self._is_full = False
        self.until = 0.0
        """When its time is over, by the loop's clock; never while its answer is under way and taken."""

    # from the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.set_write_buffer_limits(high=WRITE_BYTES)
        clients = self._clients
        clients.connected.add(self)
        self.until = clients.now() + clients.bounds.head_s
        if len(clients.connected) > clients.bounds.connections:
            self._refuse(503)

    def data_received(self, data: bytes) -> None:
        if self._requests is None:
            return
        try:
            self._requests.feed(data)
        except Refused as refused:
            if self._requests is not None:  # its last answer was not given amid these bytes
                self._refuse(refused.status)
            return
        if self._requests is not None and self._requests.reading:
            self._time(self._requests)

    def connection_lost(self, error: Exception | None) -> None:
        self._clients.connected.discard(self)
        self._clients.parted()
        self._hear_no_more()
        current, self._current = self._current, None
        if current is not None:
            current.leave()

    def pause_writing(self) -> None:
        self._is_full = True
        self.until = self._clients.now() + self._clients.bounds.stall_s
        if self._current is not None:
            self._current.stalled()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._current is not None:
            self.until = NEVER
            self._current.flows()
        elif self._waiting:
            self._next()
        else:
            self.until = self._clients.now() + self._clients.bounds.idle_s

    # from the requests

    def expected(self) -> None:
        """The client waits to be told that its body may come."""
        if self._current is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def whole(self, method: bytes, url: bytes, headers: dict[bytes, bytes], body: bytes, keep: bool, new: bool) -> None:
        """It is whole."""
        self._timed = ""
        if self._requests is None:
            return
        exchange = Exchange(self, method, url, headers, body, keep and not self._is_last, new)
        if self._current is None and not self._is_full:
            self._serve(exchange)
        else:
            self._hold(exchange)

    # for the exchange

    @property
    def peer(self) -> str:
        """The address of the other end."""
        name = self._transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else ""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    def done(self, keep: bool) -> None:
        """Go on with the next request, or end."""
        self._current = None
        if not keep or self._is_last:
            self._hear_no_more()
            self._transport.close()
            self.until = self._clients.now() + self._clients.bounds.stall_s
        elif not self._is_full:
            if self._waiting:
                self._next()
            else:
                self.until = self._clients.now() + self._clients.bounds.idle_s

    def cut(self) -> None:
        """End amid an answer."""
        self._transport.abort()

    def _serve(self, exchange: Exchange) -> None:
        self._current = exchange
        self.until = NEVER
        try:
            self._clients.serve(exchange)
        except Exception as error:
            _tell(error)
            exchange.fail()

    def _time(self, requests: Requests) -> None:
        """A request has not come at once, as most do: its head and its body have a time each."""
        part = "body" if requests.headed else "head"
        if part == self._timed or self._current is not None:
            return
        self._timed, bounds = part, self._clients.bounds
        allowed = bounds.head_s if part == "head" else bounds.body_s + requests.length / bounds.slowest_bytes
        self.until = self._clients.now() + allowed

    # requests sent ahead

    def _hold(self, exchange: Exchange) -> None:
        self._waiting.append(exchange)
        self._held_bytes += len(exchange.body)
        bounds = self._clients.bounds
        if len(self._waiting) >= bounds.waiting or self._held_bytes > bounds.waiting_bytes:
            self._transport.pause_reading()

    def _next(self) -> None:
        """The next is current at once, so that none that comes now goes before it, but is served in its own turn."""
        following = self._current = self._waiting.popleft()
        self.until = NEVER
        self._held_bytes -= len(following.body)
        self._transport.resume_reading()
        asyncio.get_running_loop().call_soon(self._serve_held, following)

    def _serve_held(self, exchange: Exchange) -> None:
        if exchange.open:
            exchange.keep = exchange.keep and not self._is_last
            self._serve(exchange)

    # for all of them

    def overdue(self) -> None:
        """Its time is over."""
        if self._current is not None or self._transport.is_closing():
            self._transport.abort()
        elif self._requests is not None and self._requests.reading:
            self._refuse(408)
        else:
            self._transport.close()

    def last(self) -> None:
        """No further request is taken, but for one that has begun to come."""
        self._is_last = True
        if self._current is not None:
            self._current.keep = False
        elif self._requests is None or not self._requests.reading:
            self._transport.close()

    def _hear_no_more(self) -> None:
        self._waiting.clear()
        if self._requests is not None:
            self._requests.close()
            self._requests = None

    def _refuse(self, status: int) -> None:
        """A request that can't be trusted ends its connection: where the next one begins is unknown."""
        self._hear_no_more()
        if self._current is not None or not status:
            self.last()
            return
        line = b"HTTP/1.1 %d %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % (status, REASONS[status])
        self._transport.write(line)
        self._transport.close()


def _tell(error: Exception) -> None:
    """A fault of ours: for the log, while the client sees its connection end."""
    context = {"message": "a request could not be served", "exception": error}
    asyncio.get_running_loop().call_exception_handler(context)
