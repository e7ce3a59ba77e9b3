"""Flights that share one call: the first one leads, and hands on what it gets; the others follow.

The rules stand in `cache.coalescing`. A follower holds no attempt of its own; it is a request in the ledger that cost
nothing, unless the call fails before anything came, and it has to ask for itself.
"""

from __future__ import annotations

from collections.abc import Callable

from fairlead.apps.hub.accounts.holds import Hold
from fairlead.apps.hub.cache.coalescing import Shared, Sharing
from fairlead.apps.hub.calls import Chat, Failure
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.wire.exchange import nothing

MOST_KEPT = 8 * 1024 * 1024
"""Bytes of an answer that are held for the cache until it is whole."""

BROKE = Failure("provider", "the call that this answer was shared with ended before it was whole", 502)


def entered(flight: Flight, then: Callable[[], None]) -> None:
    """Write a flight down that asks nobody: one request, no tokens, no money. It is refused where even that is."""

    def held(outcome: Hold | Failure) -> None:
        if isinstance(outcome, Failure):
            flight.refuse(outcome)
        elif not flight.open:
            accounts.release(outcome)
        else:
            flight.hold = outcome
            then()

    accounts = flight.desk.accounts
    accounts.obtain(flight.account, flight.asked.model, 0, 0, flight.started, held)


class Pool:
    """All calls under way that others may follow."""

    def __init__(self, lines: bytes) -> None:
        self._sharing = Sharing()
        self._lines = lines
        self.followed = 0
        """Requests that followed another, until now."""

    def __len__(self) -> int:
        return len(self._sharing)

    def joined(self, flight: Flight, key: bytes, go: Callable[[], None]) -> Shared | None:
        """A call that this flight is to lead; `None` when it follows another."""
        form = b"%b%d%d" % (key, flight.asked.stream, flight.asked.usage)
        shared = self._sharing.find(form)
        if shared is None:
            return self._sharing.begin(form)
        self.followed += 1
        entered(flight, Following(flight, shared, go, self._lines).follow)
        return None


class Leading:
    """Sees what the first one gets: hands it on, and keeps it until it is whole."""

    def __init__(self, flight: Flight, shared: Shared | None, keep: Callable[[list[bytes]], None]) -> None:
        self._flight = flight
        self._shared = shared
        self._keep = keep
        self._pieces: list[bytes] | None = shared.pieces if shared is not None else []
        self._size = 0
        self._flows: Callable[[], None] = nothing
        if shared is not None:
            shared.deserted = self._deserted
            flight.exchange.gone = self._gone

    def piece(self, data: bytes) -> None:
        """Some of the answer."""
        if not data:
            return
        self._flows = self._flight.exchange.flows
        self._size += len(data)
        if self._shared is not None:
            self._shared.piece(data)
        elif self._pieces is not None:
            self._pieces.append(data)
        if self._size > MOST_KEPT:
            self._pieces = None

    def close(self, whole: bool) -> None:
        """There is no more."""
        flight, shared = self._flight, self._shared
        pieces = list(self._pieces) if self._pieces is not None else []
        if shared is not None:
            shared.usage = flight.usage
            shared.end(whole)
        if whole and pieces:
            self._keep(pieces)

    def _gone(self) -> None:
        """Its client left; with others behind it, it goes on, and nobody holds it up any more."""
        if self._shared is not None and self._shared.followed:
            self._flows()
        else:
            self._flight.left()

    def _deserted(self) -> None:
        """Nobody follows any more; nor does its own client, perhaps."""
        if not self._flight.exchange.open:
            self._flight.left()


class Following:
    """A flight that gets another's answer."""

    def __init__(self, flight: Flight, shared: Shared, go: Callable[[], None], lines: bytes) -> None:
        self._flight = flight
        self._shared = shared
        self._go = go
        self._lines = lines
        self._whole: list[bytes] = []

    def follow(self) -> None:
        """Take what came, and what comes."""
        exchange = self._flight.exchange
        exchange.gone = self._left
        self._shared.follow(self)

    def piece(self, data: bytes) -> None:
        """Some of the answer."""
        flight = self._flight
        if not flight.asked.stream:
            self._whole.append(data)
            return
        if not flight.begun:
            self._begin()
        flight.pieces += 1
        flight.exchange.send(data)
        for tap in flight.taps:
            tap.piece(data)

    def end(self) -> None:
        """It was whole."""
        flight = self._flight
        exchange, stream = flight.exchange, flight.asked.stream
        flight.cached = True
        flight.source = "shared"
        body = b"".join(self._whole)
        if not stream:
            for tap in flight.taps:
                tap.piece(body)
            flight.first_at = flight.desk.now()
        elif not flight.begun:
            self._begin()
        flight.finish(200, self._shared.usage)
        if stream:
            exchange.end()
        else:
            exchange.answer(heads.whole(b"application/json", flight.stamp) + self._lines, body)

    def broke(self) -> None:
        """Some of it came, and no more will."""
        flight = self._flight
        if not flight.begun:
            flight.refuse(BROKE)
            return
        end = flight.shape.writer(Chat(flight.asked.model, (), stream=True)).fail(BROKE)
        flight.finish(200, None, BROKE)
        flight.exchange.send(end)
        flight.exchange.end()

    def alone(self) -> None:
        """Nothing came: it asks for itself."""
        flight = self._flight
        if flight.hold is not None:
            flight.desk.accounts.release(flight.hold)
            flight.hold = None
        flight.exchange.gone = flight.left
        if flight.open:
            self._go()

    def _begin(self) -> None:
        flight, exchange = self._flight, self._flight.exchange
        flight.begun = flight.cached = True
        flight.source = "shared"
        flight.first_at = flight.desk.now()
        exchange.stalled = self._stalled
        exchange.flows = self._flows
        exchange.begin(heads.stream(flight.shape.stream_type, flight.stamp) + self._lines)

    def _stalled(self) -> None:
        self._shared.pause(self)

    def _flows(self) -> None:
        self._shared.resume(self)

    def _left(self) -> None:
        self._flight.left()
        self._shared.leave(self)
