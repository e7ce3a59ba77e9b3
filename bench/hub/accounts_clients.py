"""Ten thousand clients at once: each sends its requests one after the other, and remembers what it was told."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CONNECTING = 200
"""Connections that are made at the same time."""

_STATUS = re.compile(rb"HTTP/1\.1 (\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ID = re.compile(rb"x-request-id: *(\S+)", re.IGNORECASE)


@dataclass(slots=True)
class Told:
    """What all clients were told."""

    answered: list[str] = field(default_factory=list)
    """The id of each request that was answered whole, with 200."""
    refused: Counter[int] = field(default_factory=Counter)
    """Status -> how many."""
    cut: int = 0
    """Requests without a whole answer."""
    connected: int = 0


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, told: Told, request: bytes, times: int) -> None:
        self._told = told
        self._request = request
        self._left = times
        self._got = b""
        self._transport: Any = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._told.connected += 1

    def fire(self) -> None:
        """Send the first request."""
        if self._transport is None or self.done.done():
            return
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        self._got = b""
        self._note(head)
        self._left -= 1
        if self._left and self._transport is not None:
            self._transport.write(self._request)
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self._told.cut += 1
            self._end()

    def _note(self, head: bytes) -> None:
        status, id = _STATUS.match(head), _ID.search(head)
        if status is not None and status[1] == b"200" and id is not None:
            self._told.answered.append(id[1].decode())
        else:
            self._told.refused[int(status[1]) if status else 0] += 1

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        if self._transport is not None:
            self._transport.close()


async def all_at_once(ports: Sequence[int], request: bytes, clients: int, times: int, told: Told) -> None:
    """Connect them all, spread over the ports; then let them loose, and wait for the last."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(CONNECTING)

    async def connect(port: int) -> Client:
        async with gate:
            _, client = await loop.create_connection(lambda: Client(told, request, times), "127.0.0.1", port)
            return client

    connected = await asyncio.gather(*(connect(ports[number % len(ports)]) for number in range(clients)))
    for client in connected:
        client.fire()
    await asyncio.gather(*(client.done for client in connected))
