"""What shapes of one plain operation share: they are asked in JSON, answer in JSON, and have no streams."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.renaming import renamed

KIND = {"content-type": "application/json"}


class PlainShape:
    """One operation of one protocol. A shape says its places and how calls and answers are read and written."""

    name: str
    places: Sequence[Place] = ()
    stream_type = b"text/event-stream"
    array_type = b""
    ended: re.Pattern[bytes] | None = None

    def ask(self, body: bytes, place: Place) -> Plain:
        """A call read. Raises `Unsayable`."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def tell(self, call: Plain) -> Sent:
        """A call written. Raises `Unsayable`."""
        raise NotImplementedError

    def take(self, call: Plain, body: bytes) -> Plain:
        """An answer read. Raises `Unsayable`."""
        raise NotImplementedError

    def give(self, call: Plain, reply: Plain) -> bytes:
        """An answer written. Raises `Unsayable`."""
        raise Unsayable(f"{self.name} is spoken to providers only")

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        return glance(place, headers, body)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model."""
        return renamed(body, model)

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return self.ask(body, place)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return self.tell(plain_of(call, self.name))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return self.take(plain_of(call, self.name), body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return self.give(plain_of(call, self.name), answer_of(reply, self.name))

    def reader(self, call: Chat) -> StreamReader:
        """There is none."""
        raise Unsayable(f"{self.name} has no streams")

    def writer(self, call: Chat) -> StreamWriter:
        """There is none."""
        raise Unsayable(f"{self.name} has no streams")

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """Nothing is reported."""
        return None

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error: `{"error": …}`, `{"message": …}` or `{"detail": …}`."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


def plain_of(call: Chat | Plain, protocol: str) -> Plain:
    """The call, when it is none of a conversation."""
    if isinstance(call, Chat):
        raise Unsayable(f"{protocol} has no words for a conversation")
    return call


def answer_of(reply: Reply | Plain, protocol: str) -> Plain:
    """The answer, when it is none of a conversation."""
    if isinstance(reply, Reply):
        raise Unsayable(f"{protocol} has no words for the answer of a conversation")
    return reply


def sent(path: str, body: object) -> Sent:
    """A request of JSON."""
    return Sent(path, KIND, encoded(body))
