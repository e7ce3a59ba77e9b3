"""A streamed answer on its way through the guard: read as the client's protocol writes it, and written again.

In a route that only flags the bytes pass as they are, and are read beside. Where the guard is another process the
pieces wait their turn in a queue, all that wait go together, and a full queue holds up whoever answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from fairlead.apps.guard.findings import Finding
from fairlead.apps.hub.calls import Chat, Delta, Failure, Unsayable
from fairlead.apps.hub.guarding import verdicts
from fairlead.apps.hub.guarding.looking import Blind, Channels, Eyes, run_through
from fairlead.apps.hub.guarding.sieve import Sieve, Stopped
from fairlead.apps.hub.guarding.swaps import Swaps
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.wire.exchange import Exchange

MOST_WAITING = 256 * 1024
"""Bytes that wait for the guard."""


class Owner(Protocol):
    """Whose answer it is."""

    def told(self, findings: Sequence[Finding]) -> Sequence[Found]:
        """Secrets were found in it."""

    def spoilt(self) -> None:
        """It is not to be given to anybody else."""

    def unseen(self, allowed: bool) -> None:
        """Nobody could look all of it through; whether it passed all the same."""

    def roomy(self) -> None:
        """There is room for more again."""

    def ended(self) -> None:
        """The client has all it gets."""


class Streamed:
    """Of one answer."""

    def __init__(self, flight: Flight, real: Exchange, eyes: Callable[[], Eyes], swaps: Swaps, owner: Owner) -> None:
        policy = flight.route.guard
        call = chat_of(flight)
        self._flight = flight
        self._real = real
        self._owner = owner
        self._blocks = policy.answers == "block"
        self._rewrites = policy.answers in ("redact", "block") or swaps.gives_back
        """Whether the client gets what comes of it, and not the bytes as they came."""
        self._allows = verdicts.allows(policy, policy.answers)
        self._reader = flight.shape.reader(call)
        self._writer = flight.shape.writer(call)
        self._stopped: Failure | None = None
        self._is_read = True
        self._queue: list[bytes] = []
        self._bytes = 0
        self._last = False
        self._task: asyncio.Task[None] | None = None
        self.full = False
        """Whether too much waits for the guard."""
        self._channels: Channels | None = None
        self._waits = False
        if policy.answers != "off":
            self._open(eyes, swaps)
        holds = policy.answers in ("redact", "block")
        lost = self._lost if self._allows else None
        self._sieve = Sieve(self._channels, swaps, self._told, holds=holds, lost=lost)

    def send(self, data: bytes) -> bool:
        """A piece; `True`: there is no room for more until the owner is told so."""
        if not self._rewrites:
            self._real.send(data)
        if self._stopped is not None or not self._is_read:
            return False
        self._queue.append(data)
        self._bytes += len(data)
        self._go_on()
        was_full, self.full = self.full, self._bytes > MOST_WAITING
        return self.full and not was_full

    def end(self) -> None:
        """There is no more."""
        self._last = True
        self._go_on()

    def drop(self) -> None:
        """Nobody wants it any more."""
        if self._task is not None:
            self._task.cancel()
        self._close()

    def _open(self, eyes: Callable[[], Eyes], swaps: Swaps) -> None:
        try:
            asked = eyes()
            self._channels, self._waits = asked.channels(swaps), asked.waits
        except Blind:
            self._blinded(nothing_is_held=True)

    def _go_on(self) -> None:
        if not self._waits:
            run_through(self._work())
        elif self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        """All that waits."""
        while (self._queue or self._last) and self._stopped is None:
            data, self._queue, self._bytes = b"".join(self._queue), [], 0
            last = self._last
            out = await self._through(data, last) if self._is_read else b""
            if self._rewrites:
                self._real.send(out)
            if last:
                break
            if self.full:
                self.full = False
                self._owner.roomy()
        if self._last:
            self._finish()
        elif self._stopped is not None:
            self._flight.desk.later(0.0, self._stop)  # once whoever answers is through with this piece

    async def _through(self, data: bytes, last: bool) -> bytes:
        """What the client gets for it."""
        out = bytearray()
        try:
            if self._stopped is None:
                await self._fed(self._items(data, last), out)
            if last and self._stopped is None:
                out += self._written(await self._sieve.close()) + self._writer.close()
        except Stopped as stopped:
            self._stop_with(stopped.failure)
        except Blind:
            self._blinded()
        except Unsayable as error:
            self._stop_with(Failure("provider", f"the stream can't be read: {error}", 502))
        if self._stopped is not None:
            out += self._writer.fail(self._stopped)
        return bytes(out)

    async def _fed(self, items: Sequence[Delta | Failure], out: bytearray) -> None:
        for item in items:
            if isinstance(item, Failure):
                out += self._written(await self._sieve.close())
                self._stop_with(item)
                return
            out += self._written(await self._sieve.feed(item))

    def _items(self, data: bytes, last: bool) -> Sequence[Delta | Failure]:
        items = list(self._reader.feed(data)) if data else []
        return [*items, *self._reader.close()] if last else items

    def _written(self, deltas: Sequence[Delta]) -> bytes:
        return b"".join([self._writer.write(delta) for delta in deltas]) if self._rewrites else b""

    def _told(self, findings: Sequence[Finding]) -> Failure | None:
        self._owner.told(findings)
        return verdicts.blocked("answer", findings) if self._blocks else None

    def _lost(self) -> None:
        """The guard has gone, and the rest passes."""
        self._owner.unseen(True)

    def _blinded(self, *, nothing_is_held: bool = False) -> None:
        """Nobody can be asked any more; what was held back then is lost."""
        goes_on = self._allows and (nothing_is_held or not self._rewrites)
        self._owner.unseen(goes_on)
        if not (self._allows and nothing_is_held):
            self._stop_with(verdicts.unseen("answer"))

    def _stop_with(self, failure: Failure) -> None:
        """The client gets no more than this; where its bytes pass as they are, they go on, and nothing is read."""
        self._owner.spoilt()
        if self._rewrites or not self._allows:
            self._stopped = failure
        self._is_read = False

    def _stop(self) -> None:
        flight = self._flight
        if flight.open and self._stopped is not None:
            gone = flight.exchange.gone
            if flight.attempts and gone == flight.left:
                usage = next((came for one in flight.attempts if (came := one.came()) is not None), None)
                flight.finish(200, usage, self._stopped)
            else:
                gone()
        self._finish()

    def _finish(self) -> None:
        self._close()
        self._real.end()
        self._owner.ended()

    def _close(self) -> None:
        if self._channels is not None:
            self._channels.close()
            self._channels = None


def chat_of(flight: Flight) -> Chat:
    """The call, as far as its stream needs it; one that can only be passed on is not read for this."""
    try:
        call = flight.call()
    except Unsayable:
        call = None
    if isinstance(call, Chat):
        return call
    return Chat(flight.asked.model, (), stream=True, stream_usage=flight.asked.usage)
