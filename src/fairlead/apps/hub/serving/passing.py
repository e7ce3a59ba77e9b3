"""A stream that is passed on as it comes, since provider and client speak the same protocol.

Until the first token it is held back and read, so that one that breaks before it can still be asked of another
provider; from then on nothing is read of it but its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.apps.hub.calls import Chat, Delta, Failure, Unsayable, Usage, joined
from fairlead.apps.hub.serving import faults
from fairlead.apps.hub.serving.tails import Showing, Tail
from fairlead.apps.hub.shapes import StreamReader
from fairlead.apps.hub.shapes.reading import NOT_WHOLE

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.attempt import Attempt

MOST_HELD = 256 * 1024
"""Before the first token; so much without one is taken for some."""


class Passing:
    """Of one attempt."""

    __slots__ = ("_attempt", "_before", "_held", "_reader", "_showing", "_tail", "begun")

    def __init__(self, attempt: Attempt) -> None:
        flight = attempt.flight
        self._attempt = attempt
        self._reader: StreamReader | None = flight.shape.reader(Chat(flight.asked.model, (), stream=True))
        self._held: list[bytes] = []
        self._showing = Showing(flight.asked.usage)
        self._before: Usage | None = None
        """What was told of the usage at the beginning (Anthropic tells the prompt's there)."""
        self._tail = Tail()
        self.begun = False

    def piece(self, data: bytes) -> None:
        """More of it."""
        if not self.begun:
            self._hold(data)
            return
        attempt = self._attempt
        flight = attempt.flight
        attempt.ticks(flight.desk.now())
        self._tail.add(data)
        self._send(data)

    def complete(self) -> None:
        """It has ended as it should."""
        if not self.begun and not self._ends_without_token():
            return
        attempt = self._attempt
        exchange = attempt.flight.exchange
        exchange.send(self._showing.rest())
        failure = self._tail.failure(attempt.flight.shape)
        if failure is not None:  # which the client has got, as the provider told it
            failure = faults.by(attempt.target.host.name, failure)
            attempt.note(failure)
        elif not self._tail.is_whole(attempt.flight.shape):
            failure = faults.broken(attempt.target.host.name, NOT_WHOLE)
            attempt.note(failure)
            attempt.over()
            self.broke(failure)
            return
        attempt.over()
        attempt.flight.finish(200, self.came(), failure)
        exchange.end()

    def broke(self, failure: Failure) -> None:
        """The client gets the failure as its protocol writes it in a stream."""
        attempt = self._attempt
        flight, exchange = attempt.flight, attempt.flight.exchange
        end = flight.shape.writer(Chat(flight.asked.model, (), stream=True)).fail(faults.told(failure))
        flight.finish(200, self.came(), failure)
        exchange.send(end)
        exchange.end()

    def came(self) -> Usage:
        """As told, else as far as it can be guessed."""
        flight = self._attempt.flight
        told = self._tail.told(flight.shape, flight.asked.operation)
        if told is not None:
            return joined(self._before, told)
        guess = self._tail.estimated(flight.prompt_tokens())
        if self._before is not None:
            guess.input = self._before.input
            return joined(self._before, guess)
        return guess

    def _send(self, data: bytes) -> None:
        flight = self._attempt.flight
        data = self._showing.shown(data)
        flight.pieces += 1
        flight.exchange.send(data)
        for tap in flight.taps:
            tap.piece(data)

    # before the first token

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._tail.add(data)
        try:
            items = self._reader.feed(data) if self._reader is not None else ()
        except Unsayable as error:
            self._attempt.missed(faults.broken(self._attempt.target.host.name, str(error)))
            return
        for item in items:
            if isinstance(item, Failure):
                self._attempt.missed(item)
                return
            self._note(item)
        if any(isinstance(item, Delta) and is_token(item) for item in items) or self._tail.bytes > MOST_HELD:
            self._begin()

    def _note(self, delta: Delta) -> None:
        if delta.usage is not None:
            self._before = joined(self._before, delta.usage)

    def _begin(self) -> None:
        self.begun = True
        self._reader = None
        held, self._held = b"".join(self._held), []
        self._attempt.first()
        self._send(held)

    def _ends_without_token(self) -> bool:
        """An empty answer, if it is whole; else it broke."""
        items = self._reader.close() if self._reader is not None else ()
        failure = next((item for item in items if isinstance(item, Failure)), None)
        if failure is not None:
            self._attempt.missed(failure)
            return False
        self._begin()
        return True


def is_token(delta: Delta) -> bool:
    """Whether a step holds some of the answer itself."""
    return bool(delta.text or delta.finish or delta.signature) or (delta.begins is not None and not _empty(delta))


def _empty(delta: Delta) -> bool:
    """A text or a thought that has begun without words says nothing yet."""
    return getattr(delta.begins, "text", None) == ""
