"""Anthropic's messages (`POST /v1/messages`) and their count (`POST /v1/messages/count_tokens`).

Source: Anthropic's API reference (Messages, streaming, errors, prompt caching, thinking, versions).

Stop reasons:

| here                                   | in our words                |
|----------------------------------------|-----------------------------|
| end_turn, stop_sequence                | stop                        |
| max_tokens, model_context_window_exceeded | length                   |
| tool_use                               | tools                       |
| refusal                                | refused; filtered (only written) |
| pause_turn                             | paused                      |
| max_tokens                             | error (not whole; only written) |

Mapped when a call comes from another protocol: messages of the system before all others are `system`, later ones
messages of the role `system`; developer is system; `user` is `metadata.user_id`; what tools gave back, one message
each elsewhere, is one turn of the user; the name, the description and the strictness of a form are not said, as
Anthropic holds to every form; effort is `output_config.effort` (`none`: thinking disabled); a refusal is text; an
empty text is left out; an answer without a limit gets one (`telling.MOST_TOKENS`), as Anthropic asks for one; tiers
`auto` and `default` are `auto` and `standard_only`.
Refused: seed, more answers than one, penalties, logprobs, metadata other than the user, names of participants, a
temperature above 1, JSON without a schema, the effort `minimal`, other tiers, sounds and videos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.anthropic import failures
from fairlead.apps.hub.shapes.anthropic.asking import read_call
from fairlead.apps.hub.shapes.anthropic.blocks import NAME
from fairlead.apps.hub.shapes.anthropic.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.anthropic.streams import EventReader, EventWriter
from fairlead.apps.hub.shapes.anthropic.telling import write_call
from fairlead.apps.hub.shapes.anthropic.usage import counted, usage_in
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed


class Anthropic:
    """Messages."""

    name = NAME
    places: Sequence[Place] = (
        Place("POST", "/v1/messages", "chat"),
        Place("POST", "/v1/messages/count_tokens", "count"),
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
        return read_call(headers, body, place.operation == "count")

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
        return EventReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return EventWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return counted(body) if operation == "count" else usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(Anthropic())
