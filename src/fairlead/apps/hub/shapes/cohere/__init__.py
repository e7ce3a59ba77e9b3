"""Cohere's chat (`POST /v2/chat`).

Source: Cohere's API reference (chat v2, streaming, errors).

Finish reasons:

| here                    | in our words                                |
|-------------------------|---------------------------------------------|
| COMPLETE, STOP_SEQUENCE | stop                                        |
| MAX_TOKENS              | length; paused (not whole; only written)    |
| TOOL_CALL               | tools                                       |
| ERROR, TIMEOUT          | error; refused, filtered (only written)     |

A model's plan for tools is reasoning. An answer does not name its model: the one that was asked for is told.
Mapped when a call comes from another protocol: developer is system; effort `none` is thinking disabled; strict tools
are `strict_tools`; that a tool failed is told by what it gave back; the name, the description and the strictness of a
form are not said, as Cohere holds to every form; tiers `auto` and `default` are not said; a caching mark is not
written, as Cohere caches by itself; a refusal is text. Cohere's clients have no place for sealed reasoning: it is not
told.
Refused: more answers than one, one tool at a time, one very tool, logprobs (Cohere's are not token by token), effort,
whether thinking is shown, user, metadata, other tiers, names of participants, documents, sounds, videos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.cohere import failures
from fairlead.apps.hub.shapes.cohere.asking import NAME, read_call
from fairlead.apps.hub.shapes.cohere.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.cohere.streams import EventReader, EventWriter
from fairlead.apps.hub.shapes.cohere.telling import write_call
from fairlead.apps.hub.shapes.cohere.usage import usage_in
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed


class Cohere:
    """Chat v2."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v2/chat", "chat"),)
    stream_type = b"text/event-stream"

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        return glance(place, headers, body)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model."""
        return renamed(body, model)

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return read_call(body)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(chat_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(chat_of(call, NAME), body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return write_reply(reply_of(reply, NAME))

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return EventReader(call.model)

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return EventWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(Cohere())
