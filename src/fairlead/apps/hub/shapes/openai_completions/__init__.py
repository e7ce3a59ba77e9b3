"""OpenAI's completions (`POST /v1/completions`), the older protocol of one text that is gone on with.

Source: OpenAI's API reference, completions (legacy). Finish reasons are those of chat completions.

To another protocol a prompt is what a user says, so the model answers it instead of going on with it; several prompts,
tokens as a prompt, `suffix`, `echo`, `best_of` and `logit_bias` are refused there. In the other direction a call of one
text by one user is said, and all else refused. Reasoning is not told to clients of this protocol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.glancing import glance
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai.usage import usage_in
from fairlead.apps.hub.shapes.openai_completions.asking import NAME, read_call, write_call
from fairlead.apps.hub.shapes.openai_completions.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.openai_completions.streams import ChunkReader, ChunkWriter
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed, with_usage


class OpenAICompletions:
    """Completions."""

    name = NAME
    places: Sequence[Place] = (Place("POST", "/v1/completions", "completion"),)
    stream_type = b"text/event-stream"

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        return glance(place, headers, body, usage=False)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model."""
        return with_usage(renamed(body, model))

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return read_call(body)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(chat_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return write_reply(reply_of(reply, NAME))

    def reader(self, call: Chat) -> StreamReader:
        """For the stream of a provider."""
        return ChunkReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return ChunkWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(OpenAICompletions())
