"""OpenAI's responses (`POST /v1/responses`) and the count of their input (`POST /v1/responses/input_tokens`).

Source: OpenAI's API reference (responses, streaming events).

How a response ended:

| here                                                  | in our words               |
|-------------------------------------------------------|----------------------------|
| completed                                             | stop; tools with calls of functions |
| incomplete: max_output_tokens                         | length; paused, error (not whole; only written) |
| incomplete: content_filter                            | filtered; refused (only written) |
| incomplete: any other reason                          | length                     |
| failed, cancelled                                     | error (in a stream: a failure) |

Mapped when a call comes from another protocol: a first message of the system is `instructions`; a tool of which
nothing was said is `strict: false`, as it is strict here and nowhere else; thinking of 0 tokens is effort `none`, as
much as the model likes is the default; that reasoning is told is `summary: auto`; that a tool failed is told by what it
gave back; a caching mark is not written, as prefixes are cached without.
Refused: stop, seed, more answers than one, top_k, penalties, tokens for thinking, names of participants, sounds and
videos. In the other direction whatever the provider keeps: `previous_response_id`, `conversation`, `prompt`,
`background`, items by reference, and tools that OpenAI runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_responses.asking import read_call
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.reader import EventReader
from fairlead.apps.hub.shapes.openai_responses.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_responses.telling import write_call
from fairlead.apps.hub.shapes.openai_responses.writer import EventWriter
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed


class _Count(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


class OpenAIResponses:
    """Responses."""

    name = NAME
    places: Sequence[Place] = (
        Place("POST", "/v1/responses", "chat"),
        Place("POST", "/v1/responses/input_tokens", "count"),
    )
    stream_type = b"text/event-stream"

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        return glance(place, headers, body)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model."""
        return renamed(body, model)

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return read_call(body, place.operation == "count")

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(chat_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(chat_of(call, NAME), body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return write_reply(chat_of(call, NAME), reply_of(reply, NAME))

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return EventReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return EventWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        if operation != "count":
            return usage_in(body)
        try:
            return Usage(input=_COUNT.decode(body).input_tokens)
        except (msgspec.MsgspecError, RecursionError):
            return None

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(OpenAIResponses())
