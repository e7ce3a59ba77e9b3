"""Bytes that are no events: a sound or a file, passed on as they come, so that none is held as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.apps.hub.calls import Failure, Operation, Usage
from fairlead.apps.hub.serving.pricing import BY_THEMSELVES, by_itself

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.attempt import Attempt

BYTES: frozenset[Operation] = frozenset({"speech", "files"})
"""What may be answered so."""


class Raw:
    """Of one attempt."""

    __slots__ = ("_attempt", "_content", "begun")

    def __init__(self, attempt: Attempt, content: bytes) -> None:
        self._attempt = attempt
        self._content = content
        self.begun = False

    def piece(self, data: bytes) -> None:
        """More of it."""
        attempt = self._attempt
        flight = attempt.flight
        if self.begun:
            attempt.ticks(flight.desk.now())
        else:
            self._begin()
        flight.pieces += 1
        flight.exchange.send(data)
        for tap in flight.taps:
            tap.piece(data)

    def complete(self) -> None:
        """All of it came."""
        if not self.begun:
            self._begin()
        attempt = self._attempt
        exchange = attempt.flight.exchange
        attempt.over()
        attempt.flight.finish(200, self.came())
        exchange.end()

    def broke(self, failure: Failure) -> None:
        """Bytes have no words for it: the connection ends before the answer does."""
        flight = self._attempt.flight
        exchange = flight.exchange
        flight.finish(200, self.came(), failure)
        exchange.fail()

    def came(self) -> Usage | None:
        """What is billed of a sound stands in the request; of a file nothing."""
        flight = self._attempt.flight
        return by_itself(flight) if flight.asked.operation in BY_THEMSELVES else None

    def _begin(self) -> None:
        self.begun = True
        self._attempt.first(self._content)
