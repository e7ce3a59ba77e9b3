"""An answer that is taken apart and written in another protocol, or filtered on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.apps.hub.calls import Chat, Delta, Failure, Reply, Unsayable, Usage, joined
from fairlead.apps.hub.serving import faults
from fairlead.apps.hub.serving.passing import MOST_HELD, is_token

if TYPE_CHECKING:
    from fairlead.apps.hub.serving.attempt import Attempt
    from fairlead.apps.hub.serving.flight import Flight


def answer_of(attempt: Attempt, headers: dict[bytes, bytes], body: bytes) -> bytes:
    """A whole answer in the client's protocol. Raises `Unsayable`."""
    flight = attempt.flight
    call = flight.call()
    reply = attempt.shape.read_reply(call, headers, body)
    if isinstance(reply, Reply):
        reply = dated(flight, reply)
        for one in flight.filters:
            changed = one.reply(reply)
            if isinstance(changed, Failure):
                raise Unsayable(changed.message)
            reply = changed
    return flight.shape.write_reply(call, reply)


def dated(flight: Flight, reply: Reply) -> Reply:
    """With an id and a time, which not every provider tells."""
    return replace(reply, id=reply.id or flight.id, created=reply.created or int(flight.started))


class Translating:
    """A stream of one attempt."""

    __slots__ = ("_attempt", "_held", "_reader", "_steps", "_text_bytes", "_usage", "_writer", "begun")

    def __init__(self, attempt: Attempt) -> None:
        flight = attempt.flight
        call = flight.call()
        chat = call if isinstance(call, Chat) else Chat(call.model, (), stream=True)
        self._attempt = attempt
        self._reader = attempt.shape.reader(chat)
        self._writer = flight.shape.writer(chat)
        self._held = b""
        self._text_bytes = 0
        self._steps = 0
        """With text in them; a provider sends one for each token, or for a few."""
        self._usage: Usage | None = None
        self.begun = False

    def piece(self, data: bytes) -> None:
        """More of it."""
        if self.begun:
            self._attempt.ticks(self._attempt.flight.desk.now())
        try:
            self._hand_on(self._reader.feed(data))
        except Unsayable as error:
            self._failed(faults.broken(self._attempt.target.host.name, str(error)))

    def complete(self) -> None:
        """It has ended as it should, if what is left says so too."""
        flight = self._attempt.flight
        try:
            self._hand_on(self._reader.close(), last=True)
            if flight.open and self in (one.relay for one in flight.attempts):
                self._end()
        except Unsayable as error:
            self._failed(faults.broken(self._attempt.target.host.name, str(error)))

    def broke(self, failure: Failure) -> None:
        """The client gets the failure as its protocol writes it in a stream."""
        flight, exchange = self._attempt.flight, self._attempt.flight.exchange
        end = self._writer.fail(faults.told(failure))
        flight.finish(200, self.came(), failure)
        exchange.send(end)
        exchange.end()

    def came(self) -> Usage:
        """As told, else as far as it can be guessed."""
        output = max(self._steps, self._text_bytes // 4)
        guess = Usage(input=self._attempt.flight.prompt_tokens(), output=output, estimated=True)
        if self._usage is None:
            return guess
        return self._usage if self._usage.output else joined(self._usage, guess)

    def _hand_on(self, items: Sequence[Delta | Failure], last: bool = False) -> None:
        items = self._filtered(items, last)
        out = b""
        for item in items:
            if isinstance(item, Failure):
                self._send(out)
                self._failed(item)
                return
            self._note(item)
            if item.reply is not None:
                item = replace(item, reply=dated(self._attempt.flight, item.reply))
            out += self._writer.write(item)
            if not self.begun and (is_token(item) or len(self._held) + len(out) > MOST_HELD):
                self.begun = True
                self._attempt.first()
        self._send(out)

    def _filtered(self, items: Sequence[Delta | Failure], last: bool) -> Sequence[Delta | Failure]:
        for one in self._attempt.flight.filters:
            found: list[Delta | Failure] = []
            for item in items:
                found += [item] if isinstance(item, Failure) else one.feed(item)
            items = [*found, *one.close()] if last else found
        return items

    def _note(self, delta: Delta) -> None:
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        if delta.text:
            self._text_bytes += len(delta.text)
            self._steps += 1

    def _send(self, data: bytes) -> None:
        if not self.begun:
            self._held += data
            return
        flight = self._attempt.flight
        data, self._held = self._held + data, b""
        if data:
            flight.pieces += 1
            flight.exchange.send(data)
            for tap in flight.taps:
                tap.piece(data)

    def _end(self) -> None:
        attempt = self._attempt
        flight, exchange = attempt.flight, attempt.flight.exchange
        if not self.begun:
            self.begun = True
            attempt.first()
        self._send(self._writer.close())
        attempt.over()
        flight.finish(200, self.came())
        exchange.end()

    def _failed(self, failure: Failure) -> None:
        failure = faults.by(self._attempt.target.host.name, failure)
        if self.begun:
            self._attempt.broke(failure)
        else:
            self._attempt.missed(failure)
