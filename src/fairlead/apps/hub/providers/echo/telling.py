"""An answer told to a client: at once, or slowly, or not to its end, as was wished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from fairlead.apps.hub.providers.echo.counts import Counts
from fairlead.apps.hub.providers.echo.wishes import Wishes
from fairlead.apps.hub.wire.exchange import Exchange

GARBLED = b'{"id": "echo", "choices": ['


_KNOWN = frozenset(HTTPStatus)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a stream."""

    data: bytes
    token: bool = False
    """Whether it is waited for."""
    last: bool = False
    breaks: bool = False
    """Whether the stream ends within it, or hangs before it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be told."""

    wishes: Wishes
    status: int
    headers: Mapping[str, str]
    body: bytes
    pieces: Iterator[Piece] | None = field(default=None, repr=False)
    meant: bool = True
    """Whether this one goes wrong, when any is to."""

    def head(self) -> bytes:
        """Status line and headers."""
        lines = "".join(f"\r\n{name}: {value}" for name, value in self.headers.items())
        phrase = HTTPStatus(self.status).phrase if self.status in _KNOWN else "Error"
        return f"HTTP/1.1 {self.status} {phrase}{lines}".encode()


class Telling:
    """One answer on its way. It begins with `at_once` or, where that says no, with `begin`."""

    def __init__(self, exchange: Exchange, answer: Answer, counts: Counts, ended: Callable[[Telling], None]) -> None:
        self._exchange = exchange
        self._answer = answer
        self._counts = counts
        self._ended = ended
        self._flows = asyncio.Event()
        self._flows.set()
        self._task: asyncio.Task[None] | None = None

    def at_once(self) -> bool:
        """Tell it now, when nothing is to be waited for and it is no stream."""
        answer = self._answer
        if answer.wishes.timed or answer.pieces is not None:
            return False
        self._tell_whole()
        return True

    def begin(self) -> None:
        """Tell it in a task of its own."""
        self._exchange.gone = self._gone
        self._exchange.stalled = self._flows.clear
        self._exchange.flows = self._flows.set
        self._task = asyncio.get_running_loop().create_task(self._tell())
        self._task.add_done_callback(lambda _: self._ended(self))

    async def _tell(self) -> None:
        wishes, pieces = self._answer.wishes, self._answer.pieces
        await _wait(wishes.delay)
        if pieces is not None and wishes.cut != "start":
            await self._stream(pieces)
            return
        await _wait(wishes.first_token)
        self._tell_whole()

    def _tell_whole(self) -> None:
        exchange, answer = self._exchange, self._answer
        wishes, body = answer.wishes, answer.body
        self._counts.statuses[answer.status] += 1
        if answer.meant and wishes.cut is not None and wishes.after is None:
            self._counts.broken += 1
            if wishes.cut == "half":
                exchange.begin(answer.head())
                exchange.send(body[: len(body) // 2])
            exchange.fail()
            return
        self._counts.whole += 1
        exchange.answer(answer.head(), GARBLED if wishes.garbled and answer.meant else body)

    async def _stream(self, pieces: Iterator[Piece]) -> None:
        exchange, wishes, first = self._exchange, self._answer.wishes, True
        self._counts.streams += 1
        self._counts.statuses[200] += 1
        exchange.begin(self._answer.head())
        for piece in pieces:
            if piece.token:
                await _wait(wishes.first_token if first else wishes.between)
                first = False
            if not self._flows.is_set():
                await self._flows.wait()
            if self._breaks(piece):
                await self._break(piece)
                return
            exchange.send(b"data: " + GARBLED + b"\n\n" if self._garbles(piece) else piece.data)
        self._counts.whole += 1
        exchange.end()

    def _garbles(self, piece: Piece) -> bool:
        return piece.token and self._answer.wishes.garbled and self._answer.meant

    def _breaks(self, piece: Piece) -> bool:
        cut = self._answer.wishes.cut == "half" and self._answer.meant and self._answer.wishes.after is None
        return piece.breaks or (cut and piece.token)

    async def _break(self, piece: Piece) -> None:
        """End within the piece; or, where no cut is wished, tell nothing more, ever."""
        self._counts.broken += 1
        if self._answer.wishes.cut is None:
            await asyncio.get_running_loop().create_future()
        self._exchange.send(piece.data[: len(piece.data) // 2])
        self._exchange.fail()

    def _gone(self) -> None:
        self._counts.gone += 1
        if self._task is not None:
            self._task.cancel()


async def _wait(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)
