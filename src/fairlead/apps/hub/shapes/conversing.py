"""A protocol of conversations as a record of the functions that read and write it.

What a request costs on its way is a field's function itself (`glance`, `renamed`, `usage`, …): no method stands before
it. What is only needed to translate goes through methods, which let no other kind of call in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of

EVENTS = b"text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What each does is said by `Shape`; those of `Speaks` are left out where no client speaks the protocol."""

    name: str
    places: Sequence[Place] = ()
    glance: Callable[[Place, bytes, Headers, bytes], Asked]
    renamed: Callable[[Place, bytes, str], bytes]
    ask: Callable[[Place, bytes, Headers, bytes], Chat]
    """A call read."""
    tell: Callable[[Chat], Sent]
    """A call written."""
    take: Callable[[Chat, Headers, bytes], Reply]
    """A whole answer read."""
    give: Callable[[Chat, Reply], bytes]
    """A whole answer written."""
    reader: Callable[[Chat], StreamReader]
    writer: Callable[[Chat], StreamWriter]
    usage: Callable[[Operation, bytes], Usage | None]
    read_failure: Callable[[int, Headers, bytes], Failure]
    write_failure: Callable[[Failure], tuple[int, Mapping[str, str], bytes]]
    stream_type: bytes = EVENTS
    array_type: bytes = b""
    ended: re.Pattern[bytes] | None = None

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return self.ask(place, path, headers, body)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return self.tell(chat_of(call, self.name))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return self.take(chat_of(call, self.name), headers, body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return self.give(chat_of(call, self.name), reply_of(reply, self.name))


def for_providers(
    name: str,
    *,
    tell: Callable[[Chat], Sent],
    take: Callable[[Chat, Headers, bytes], Reply],
    reader: Callable[[Chat], StreamReader],
    usage: Callable[[Operation, bytes], Usage | None],
    read_failure: Callable[[int, Headers, bytes], Failure],
    write_failure: Callable[[Failure], tuple[int, Mapping[str, str], bytes]],
    stream_type: bytes = EVENTS,
) -> Conversation:
    """A protocol that no client speaks to the hub."""

    def unspoken(*_: object) -> NoReturn:
        raise Unsayable(f"{name} is spoken to providers only")

    return Conversation(
        name=name,
        glance=unspoken,
        renamed=unspoken,
        ask=unspoken,
        tell=tell,
        take=take,
        give=unspoken,
        reader=reader,
        writer=unspoken,
        usage=usage,
        read_failure=read_failure,
        write_failure=write_failure,
        stream_type=stream_type,
    )
