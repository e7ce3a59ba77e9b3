"""Google's Gemini: generateContent, streamGenerateContent (as events or as one array) and countTokens.

Source: Google's Gemini API reference (v1beta), and the field names of google-genai. Fields may come in camelCase or in
snake_case; they go out in camelCase.

Finish reasons:

| here                                                     | in our words        |
|----------------------------------------------------------|---------------------|
| STOP                                                     | stop; tools when functions are called |
| MAX_TOKENS                                               | length              |
| SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, IMAGE_…, MODEL_ARMOR; a prompt blocked | filtered |
| SAFETY                                                   | refused (only written) |
| OTHER, MALFORMED_FUNCTION_CALL and all others            | error; paused (only written) |

Mapped when a call comes from another protocol: messages of the system before all others are `systemInstruction`; a
tool's result is `{"output": …}`, or the object itself when its text is one, or `{"error": …}`; ids of calls are said
only where Gemini or the client gave them; strict tools are the mode VALIDATED (or ANY); effort is `thinkingLevel`, for
models of the generation 2.5 a budget; tier `default` is `standard`, `auto` nothing; a refusal is text; a caching mark
is not written, as Gemini caches by itself; the name of a document neither, as only Vertex has a word for it; calls of
functions made by other providers bear Google's word for it where the model asks for seals (`parts.NO_SEAL`).
Refused: user and metadata, one tool at a time, strict tools beside others, messages of the system amid a conversation,
names of participants, files stored elsewhere, the effort `max`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.apps.hub.calls import Chat, Failure, Operation, Plain, Reply, Unsayable, Usage
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place, Sent, StreamReader, StreamWriter
from fairlead.apps.hub.shapes.gemini import failures
from fairlead.apps.hub.shapes.gemini.asking import read_call
from fairlead.apps.hub.shapes.gemini.proto import NAME, model_of
from fairlead.apps.hub.shapes.gemini.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.gemini.streams import AnswerReader, AnswerWriter
from fairlead.apps.hub.shapes.gemini.telling import write_call
from fairlead.apps.hub.shapes.gemini.usage import counted, usage_in
from fairlead.apps.hub.shapes.glancing import tags_of
from fairlead.apps.hub.shapes.refusing import chat_of, reply_of
from fairlead.apps.hub.shapes.renaming import renamed


class _Config(msgspec.Struct, rename="camel"):
    max_output_tokens: int | None = None
    candidate_count: int | None = None


class _Snake(msgspec.Struct):
    max_output_tokens: int | None = None
    candidate_count: int | None = None


class _Request(msgspec.Struct):
    camel: _Config | None = msgspec.field(default=None, name="generationConfig")
    snake: _Snake | None = msgspec.field(default=None, name="generation_config")


METHODS: dict[str, Operation] = {"generateContent": "chat", "streamGenerateContent": "chat", "countTokens": "count"}
_DECODER = msgspec.json.Decoder(_Request)


class Gemini:
    """generateContent. The model stands in the path: `{model}` of a place, which `renamed` can't change."""

    name = NAME
    places: Sequence[Place] = tuple(
        Place("POST", f"/{version}/models/{{model}}:{method}", operation)
        for version in ("v1beta", "v1")
        for method, operation in METHODS.items()
    )
    stream_type = b"text/event-stream"
    array_type = b"application/json"
    """Of a stream that is one array (`Chat.array`)."""

    def glance(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
        """What is asked."""
        model, method, _ = model_of(path)
        try:
            said = _DECODER.decode(body)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise Unsayable(f"the body is no request: {str(error)[:200]}") from error
        config = said.camel or said.snake
        most = config.max_output_tokens if config else None
        if most is not None and config is not None:
            most *= config.candidate_count or 1
        return Asked(place.operation, model, method == "streamGenerateContent", most, None, tags_of(headers))

    def renamed(self, place: Place, body: bytes, model: str) -> bytes:
        """The body as it is; but a count may name the model in what is counted."""
        return renamed(body, f"models/{model}") if place.operation == "count" and b'"model"' in body else body

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call; `path` with its query."""
        return read_call(path, body)

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
        return AnswerReader()

    def writer(self, call: Chat) -> StreamWriter:
        """For the stream of a client."""
        return AnswerWriter(call)

    def usage(self, operation: Operation, body: bytes) -> Usage | None:
        """The usage of a whole answer or of one event."""
        return counted(body) if operation == "count" else usage_in(body)

    def read_failure(self, status: int, headers: Headers, body: bytes) -> Failure:
        """A provider's error."""
        return failures.read_failure(status, headers, body)

    def write_failure(self, failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
        """An error for the client."""
        return failures.write_failure(failure)


SHAPES.register(NAME)(Gemini())
