"""The protocol of those operations, put together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Usage
from fairlead.apps.hub.shapes import Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.openai import failures
from fairlead.apps.hub.shapes.openai_plain import owners
from fairlead.apps.hub.shapes.openai_plain.asking import glance, read_call, renamed
from fairlead.apps.hub.shapes.openai_plain.streams import ENDED, PassedReader, PassedWriter
from fairlead.apps.hub.shapes.openai_plain.telling import plain_of, read_reply, write_call, write_reply
from fairlead.apps.hub.shapes.openai_plain.usage import usage_in

NAME = "openai_plain"
PLACES = (
    Place("POST", "/v1/embeddings", "embedding"),
    Place("POST", "/v1/images/generations", "image"),
    Place("POST", "/v1/images/edits", "image"),
    Place("POST", "/v1/images/variations", "image"),
    Place("POST", "/v1/audio/speech", "speech"),
    Place("POST", "/v1/audio/transcriptions", "transcription"),
    Place("POST", "/v1/audio/translations", "transcription"),
    Place("POST", "/v1/moderations", "moderation"),
    Place("GET", "/v1/models", "models"),
    Place("GET", "/v1/models/{model}", "models"),
    Place("POST", "/v1/files", "files"),
    Place("GET", "/v1/files", "files"),
    Place("GET", "/v1/files/{id}", "files"),
    Place("DELETE", "/v1/files/{id}", "files"),
    Place("GET", "/v1/files/{id}/content", "files"),
    Place("POST", "/v1/batches", "batches"),
    Place("GET", "/v1/batches", "batches"),
    Place("GET", "/v1/batches/{id}", "batches"),
    Place("POST", "/v1/batches/{id}/cancel", "batches"),
)


class OpenAIPlain:
    """Everything of OpenAI's but conversations."""

    name = NAME
    places: Sequence[Place] = PLACES
    stream_type = b"text/event-stream"
    array_type = b""
    ended: re.Pattern[bytes] | None = ENDED

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked; of files and batches the model is `provider/files`, `provider/batches`."""
        return glance(place, path, headers, body)

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body with another model; of files and batches, without the owner's mark in the ids."""
        return owners.unmarked(body) if place.operation in owners.OWNED else renamed(body, model)

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call."""
        return read_call(place, path, headers, body)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for a provider."""
        return write_call(plain_of(call, NAME))

    def read_reply(self, call: Chat | Plain, headers: Headers, body: bytes) -> Reply | Plain:
        """A whole answer."""
        return read_reply(plain_of(call, NAME), headers, body)

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer for the client."""
        return write_reply(plain_of(call, NAME), reply)

    def reader(self, call: Chat) -> StreamReader:
        """These streams are passed on, never translated: it tells that something came, and failures."""
        return PassedReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the failure of a stream that was passed on."""
        return PassedWriter()

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return usage_in(operation, body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)
