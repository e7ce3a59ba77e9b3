"""A call written for a provider of this shape, and answers read and written."""

from __future__ import annotations

import secrets

from fairlead.apps.hub.calls import Chat, Json, Operation, Plain, Reply, Unsayable
from fairlead.apps.hub.shapes import Headers, Sent, multipart
from fairlead.apps.hub.shapes.fields import OURS, Fields, decoded, encoded
from fairlead.apps.hub.shapes.openai_plain import owners
from fairlead.apps.hub.shapes.openai_plain.asking import PATH

PATHS: dict[Operation, str] = {
    "embedding": "/v1/embeddings",
    "image": "/v1/images/generations",
    "speech": "/v1/audio/speech",
    "transcription": "/v1/audio/transcriptions",
    "moderation": "/v1/moderations",
    "models": "/v1/models",
    "files": "/v1/files",
    "batches": "/v1/batches",
}
"""Where a call goes that does not say it."""
JSON = "application/json"
EMBEDDED = ("input_type", "truncate", "taskType", "title", f"{OURS}one")
"""What other protocols say of embeddings and this one has no words for: what a text is for, which only models of those
vendors tell apart; and where one that is too long is cut, which providers of this shape refuse or cut at its end."""
CUT = ("END", "NONE", None)


def plain_of(call: Chat | Plain, protocol: str) -> Plain:
    """The call, when it is of none of the conversations."""
    if isinstance(call, Chat):
        raise Unsayable(f"{protocol} has no words for a conversation")
    return call


def write_call(call: Plain) -> Sent:
    """The call. Raises `Unsayable`."""
    if call.operation not in PATHS:
        raise Unsayable(f"openai_plain has no words for a call of the kind `{call.operation}`")
    path = str(call.fields.get(PATH, PATHS[call.operation]))
    if call.operation in owners.OWNED or call.operation == "models":
        return _owned(path, call)
    fields = {"model": call.model} | without_path(call.fields)
    if call.operation == "embedding":
        fields = _embedded(fields)
    if call.files or "/audio/trans" in path:
        kind, body = multipart.written(fields, call.files, secrets.token_hex(16).encode())
        return Sent(path, {"content-type": kind}, body)
    return Sent(path, {"content-type": JSON}, encoded(fields))


def _embedded(fields: Json) -> Json:
    """Without what only other protocols say. Raises `Unsayable` for texts that are to be cut at their beginning."""
    if fields.get("truncate") not in CUT:
        raise Unsayable(f"openai_plain has no words for truncate `{fields['truncate']}`")
    return {name: value for name, value in fields.items() if name not in EMBEDDED}


def _owned(path: str, call: Plain) -> Sent:
    for _, _, mime, body in call.files:
        return Sent(path, {"content-type": mime}, body)
    return Sent(path, {}, b"")


def without_path(fields: Json) -> Json:
    """The fields that the protocol has."""
    return {name: value for name, value in fields.items() if name != PATH}


def read_reply(call: Plain, headers: Headers, body: bytes) -> Plain:
    """A whole answer: fields, or one file when it is no JSON."""
    mime = headers.get(b"content-type", b"").decode("latin-1")
    if mime.partition(";")[0].strip().lower() != JSON or call.operation in owners.OWNED:
        return Plain(call.operation, call.model, {}, [("", "", mime, body)])
    return Plain(call.operation, call.model, Fields(decoded(body)).rest())


def write_reply(call: Plain, reply: Reply | Plain) -> bytes:
    """A whole answer for the client."""
    if isinstance(reply, Reply):
        raise Unsayable("openai_plain has no words for the answer of a conversation")
    for _, _, _, body in reply.files:
        return body
    return encoded(reply.fields)
