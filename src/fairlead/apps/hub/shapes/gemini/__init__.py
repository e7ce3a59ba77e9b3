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
Left out: user and metadata, which bear on no answer; effort beside tokens.
Refused: one tool at a time, strict tools beside others, messages of the system amid a conversation,
names of participants, files stored elsewhere, the effort `max`.

"""

from __future__ import annotations

import re

import msgspec

from fairlead.apps.hub.calls import Operation, Unsayable
from fairlead.apps.hub.shapes import SHAPES, Asked, Headers, Place
from fairlead.apps.hub.shapes.conversing import Conversation
from fairlead.apps.hub.shapes.gemini import failures
from fairlead.apps.hub.shapes.gemini.asking import read_call
from fairlead.apps.hub.shapes.gemini.proto import NAME, model_of
from fairlead.apps.hub.shapes.gemini.replies import read_reply, write_reply
from fairlead.apps.hub.shapes.gemini.streams import AnswerReader, AnswerWriter
from fairlead.apps.hub.shapes.gemini.telling import write_call
from fairlead.apps.hub.shapes.gemini.usage import counted, usage_in
from fairlead.apps.hub.shapes.glancing import tags_of
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


def _glance(place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
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


def _renamed(place: Place, body: bytes, model: str) -> bytes:
    """The body as it is: the model stands in the path. But a count may name it in what is counted."""
    return renamed(body, f"models/{model}") if place.operation == "count" and b'"model"' in body else body


SHAPES.register(NAME)(
    Conversation(
        name=NAME,
        places=tuple(
            Place("POST", f"/{version}/models/{{model}}:{method}", operation)
            for version in ("v1beta", "v1")
            for method, operation in METHODS.items()
        ),
        glance=_glance,
        renamed=_renamed,
        ask=lambda place, path, headers, body: read_call(path, body),
        tell=write_call,
        take=lambda call, headers, body: read_reply(call, body),
        give=lambda call, reply: write_reply(reply),
        reader=lambda call: AnswerReader(),
        writer=AnswerWriter,
        usage=lambda operation, body: counted(body) if operation == "count" else usage_in(body),
        read_failure=failures.read_failure,
        write_failure=failures.write_failure,
        ended=re.compile(rb'"finishReason"\s*:\s*"|"blockReason"'),
        array_type=b"application/json",
    )
)
