"""The echo's HTTP server: finds the protocol of a path, answers at once where nothing is to be waited for."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator

from fairlead.apps.hub.calls import Chat, Failure, Plain, Reply, Unsayable
from fairlead.apps.hub.providers.echo.cabinet import Cabinet, NotHere
from fairlead.apps.hub.providers.echo.conversing import Memory, answered, streamed
from fairlead.apps.hub.providers.echo.counts import Counts
from fairlead.apps.hub.providers.echo.telling import Answer, Piece, Telling
from fairlead.apps.hub.providers.echo.wishes import HEADER, NONE, Wishes, wishes_in
from fairlead.apps.hub.providers.echo.working import worked
from fairlead.apps.hub.shapes import SHAPES, Headers, Place, Shape
from fairlead.apps.hub.shapes.failing import kind_of
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.wire.exchange import Exchange
from fairlead.apps.hub.wire.server import Clients

SWEEP_S = 1.0
JSON = "application/json"


class Server:
    """One of them, listening on a port of this machine."""

    def __init__(self, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self.address = ""
        self.counts = Counts()
        self._memory = Memory()
        self._places = list(_places())
        self._cabinet = Cabinet(self.batched, self._created)
        self._wall = wall
        self._clients = Clients(self.serve, now)
        self._listening: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._under_way: set[Telling] = set()

    @classmethod
    async def started(cls, port: int = 0, host: str = "127.0.0.1", wall: Callable[[], float] = time.time) -> Server:
        """Listening, on any free port unless one is given; `wall` tells the time that its answers are dated by."""
        loop = asyncio.get_running_loop()
        server = cls(loop.time, wall)
        await server._listen(host, port)
        return server

    async def _listen(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._clients.connection, host, port, backlog=4096)
        self.address = f"http://{host}:{self._listening.sockets[0].getsockname()[1]}"
        self._sweep()

    async def stop(self) -> None:
        """Take nothing more, and end what is under way."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._listening is not None:
            self._listening.close()
            self._clients.abort()
            await self._listening.wait_closed()

    def serve(self, exchange: Exchange) -> None:
        """One request."""
        if exchange.path == b"/counts":
            exchange.answer(_head(200, {"content-type": JSON}), encoded(self.counts.told()))
            return
        self.counts.requests += 1
        path = exchange.path + (b"?" + exchange.query if exchange.query else b"")
        answer = self.answer(exchange.method.decode(), path, exchange.headers, exchange.body)
        telling = Telling(exchange, answer, self.counts, self._under_way.discard)
        if not telling.at_once():
            self._under_way.add(telling)
            telling.begin()

    def answer(self, method: str, path: bytes, headers: Headers, body: bytes) -> Answer:
        """What is to be told."""
        found = self._found(method, path.partition(b"?")[0].decode("latin-1"))
        if found is None:
            shape = SHAPES.get("openai_chat")
            return _failed(shape, Failure("unknown", f"echo has nothing at {path[:80]!r}", 404), NONE)
        shape, place = found
        try:
            return self._answer(shape, place, path, headers, body)
        except Unsayable as error:
            return _failed(shape, Failure("invalid", str(error), 400), NONE)
        except NotHere as missing:
            return _failed(shape, Failure("unknown", f"there is no {missing}", 404), NONE)

    def batched(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """A request of a batch."""
        answer = self.answer(method, path.encode(), {b"content-type": JSON.encode()}, body)
        return answer.status, answer.body

    def _answer(self, shape: Shape, place: Place, path: bytes, headers: Headers, body: bytes) -> Answer:
        if place.operation in ("files", "batches"):
            kind, told = self._cabinet.answer(place.method, path.decode(), headers.get(b"content-type", b""), body)
            return Answer(NONE, 200, {"content-type": kind}, told)
        call = shape.read_call(place, path, headers, body)
        wishes = wishes_in(call.model, headers.get(HEADER))
        if wishes.fail is not None and wishes.after is None and self._meant(wishes):
            return _failed(shape, _failure(wishes), wishes)
        if isinstance(call, Plain):
            return self._worked(shape, call, wishes)
        return self._conversed(shape, call, wishes)

    def _worked(self, shape: Shape, call: Plain, wishes: Wishes) -> Answer:
        reply = worked(call, self._created())
        kind = next((mime for _, _, mime, _ in reply.files), JSON)
        return Answer(wishes, 200, {"content-type": kind}, shape.write_reply(call, reply), meant=self._meant(wishes))

    def _conversed(self, shape: Shape, chat: Chat, wishes: Wishes) -> Answer:
        reply = answered(chat, wishes, self._memory, self.counts.requests, self._created())
        if reply.usage is not None and not chat.counting:
            self.counts.add(reply.usage)
        if not chat.stream:
            body = shape.write_reply(chat, reply)
            return Answer(wishes, 200, {"content-type": JSON}, body, meant=self._meant(wishes))
        kind = shape.array_type if chat.array else shape.stream_type
        pieces = _pieces(shape, chat, reply, wishes, self._meant(wishes))
        return Answer(wishes, 200, {"content-type": kind.decode()}, b"", pieces, self._meant(wishes))

    def _created(self) -> int:
        """Now, in seconds since 1970."""
        return int(self._wall())

    def _meant(self, wishes: Wishes) -> bool:
        """Whether this request is one of those that go wrong."""
        return self.counts.requests % max(1, wishes.every) == 0

    def _found(self, method: str, path: str) -> tuple[Shape, Place] | None:
        for pattern, shape, place in self._places:
            if place.method == method and pattern.fullmatch(path):
                return shape, place
        return None

    def _sweep(self) -> None:
        self._clients.sweep()
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)


def _places() -> Iterator[tuple[re.Pattern[str], Shape, Place]]:
    """Every place of every shape; fixed paths before patterns."""
    found = [(SHAPES.get(name), place) for name in SHAPES for place in SHAPES.get(name).places if not place.agent]
    for shape, place in sorted(found, key=lambda one: "{" in one[1].path):
        pieces = re.split(r"\{\w+\}", place.path)
        inner = "[^/]+" if place.path.endswith(("/content", "/cancel", "{id}")) else ".+"
        yield re.compile(inner.join(map(re.escape, pieces))), shape, place


def _pieces(shape: Shape, chat: Chat, reply: Reply, wishes: Wishes, meant: bool) -> Iterator[Piece]:
    """A stream, piece by piece; broken off where that is wished."""
    writer, count = shape.writer(chat), 0
    for delta, is_token in streamed(reply):
        if is_token and count == wishes.after and meant:
            if wishes.fail is not None:
                yield Piece(writer.fail(_failure(wishes)), last=True)
            else:
                yield Piece(writer.write(delta), breaks=True, token=True)
            return
        count += is_token
        yield Piece(writer.write(delta), token=is_token)
    yield Piece(writer.close(), last=True)


def _failure(wishes: Wishes) -> Failure:
    status = wishes.fail or 500
    return Failure(kind_of(status), f"echo was told to fail with {status}", status, retry_after_s=wishes.retry_after)


def _failed(shape: Shape, failure: Failure, wishes: Wishes) -> Answer:
    status, headers, body = shape.write_failure(failure)
    return Answer(wishes, status, headers, body)


def _head(status: int, headers: dict[str, str]) -> bytes:
    return Answer(NONE, status, headers, b"").head()
