"""Mistral's embeddings, transcriptions and files, whose answers have fields that OpenAI's lack."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from fairlead.apps.hub.calls import Chat, Json, Plain, Reply, Unsayable
from fairlead.apps.hub.shapes import Headers, Place, Sent, multipart
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.mistral.asking import AGENT
from fairlead.apps.hub.shapes.openai_plain.shape import OpenAIPlain
from fairlead.apps.hub.shapes.openai_plain.telling import plain_of

OPERATIONS = ("embedding", "transcription", "files")
RENAMED = {"output_dimension": "dimensions"}
NOTHING: dict[str, tuple[Any, ...]] = {
    "output_dtype": ("float",),
    "stream": (False, "false"),
    "diarize": (False, "false"),
    "metadata": (None, {}),
    "visibility": ("workspace",),
}
"""Fields, and what asks for nothing in them."""
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
FILE = {"sample_type": "batch_request", "source": "upload", "deleted": False}


class MistralPlain(OpenAIPlain):
    """What of it Mistral's clients are answered otherwise."""

    name = "mistral_plain"
    places: Sequence[Place] = tuple(
        Place(one.method, one.path, one.operation, AGENT) for one in OpenAIPlain.places if one.operation in OPERATIONS
    )

    def read_call(self, place: Place, path: bytes, headers: Headers, body: bytes) -> Chat | Plain:
        """The whole call, in OpenAI's words."""
        if place.operation == "files" and place.method == "POST":
            headers, body = _uploaded(headers, body)
        call = plain_of(super().read_call(place, path, headers, body), self.name)
        said = {name: value for name, value in call.fields.items() if value not in NOTHING.get(name, ())}
        fields = {RENAMED.get(name, name): value for name, value in said.items()}
        return Plain(call.operation, call.model, fields, call.files, call.stream)

    def write_call(self, call: Chat | Plain) -> Sent:
        """The call for Mistral."""
        call = plain_of(call, self.name)
        back = {ours: theirs for theirs, ours in RENAMED.items()}
        fields = {back.get(name, name): value for name, value in call.fields.items()}
        return super().write_call(Plain(call.operation, call.model, fields, call.files, call.stream))

    def write_reply(self, call: Chat | Plain, reply: Reply | Plain) -> bytes:
        """A whole answer with the fields that the client insists on."""
        body, call = super().write_reply(call, reply), plain_of(call, self.name)
        try:
            answer = msgspec.json.decode(body)
        except (msgspec.MsgspecError, RecursionError) as error:
            if call.operation == "files":  # the content of one
                return body
            raise Unsayable(f"{self.name} has no words for an answer that is no JSON") from error
        return encoded(_completed(call, answer)) if isinstance(answer, dict) else body


def _uploaded(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """The form of an upload without what asks for nothing."""
    found = multipart.parts(body, multipart.boundary_of(headers.get(b"content-type", b"")))
    fields, files = multipart.taken(body, found)
    said = {name: value for name, value in fields.items() if value not in NOTHING.get(name, ())}
    kind, whole = multipart.written(said, files, secrets.token_hex(16).encode())
    return {**headers, b"content-type": kind.encode()}, whole


def _completed(call: Plain, answer: Json) -> Json:
    if call.operation == "embedding":
        return {"id": "", **answer, "usage": USAGE | _object(answer, "usage")}
    if call.operation == "transcription":
        usage = _of_sound(_object(answer, "usage"))
        return {"model": call.model, "language": None, "segments": [], **answer, "usage": usage}
    if isinstance(answer.get("data"), list):
        data = [FILE | one for one in answer["data"] if isinstance(one, dict)]
        return {"total": len(data), **answer, "data": data}
    return FILE | answer if answer.get("object") == "file" else answer


def _object(answer: Json, name: str) -> Json:
    found = answer.get(name)
    return found if isinstance(found, dict) else {}


def _of_sound(told: Json) -> Json:
    """Tokens as they are; seconds in Mistral's word for them."""
    seconds = told.get("seconds")
    more = {"prompt_audio_seconds": round(seconds)} if isinstance(seconds, int | float) else {}
    counts = {name: told[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in told}
    return USAGE | counts | more
