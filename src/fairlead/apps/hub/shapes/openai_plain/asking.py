"""A call read: JSON or a form; of files and batches only where it goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import msgspec

from fairlead.apps.hub.calls import Operation, Plain, Unsayable
from fairlead.apps.hub.shapes import Asked, Headers, Place, multipart, renaming
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.glancing import tags_of
from fairlead.apps.hub.shapes.openai_plain import expected, owners

DEFAULTS: dict[Operation, str] = {"moderation": "omni-moderation-latest", "image": "dall-e-2"}
"""The model that OpenAI takes when none is named (API reference)."""
FORM = b"multipart/form-data"
PATH = "path"
"""The field of a call of files, batches or models that holds its path, with query."""


class _Request(msgspec.Struct):
    model: str | None = None
    stream: bool | None = None
    stream_format: str | None = None
    user: str | None = None
    n: Any = None
    size: Any = None
    quality: Any = None
    partial_images: Any = None


_DECODER = msgspec.json.Decoder(_Request)


def glance(place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
    """What is asked."""
    operation, tags = place.operation, tags_of(headers)
    if operation in owners.OWNED:
        provider = owners.owner(path, headers, body)
        return Asked(operation, f"{provider}/{operation}" if provider else "", tags=tags)
    if operation == "models":
        return Asked(operation, _named(place, path), tags=tags)
    asked = _form(headers, body) if headers.get(b"content-type", b"").startswith(FORM) else _json(body)
    model = asked.model or DEFAULTS.get(operation)
    if model is None:
        raise Unsayable("model is missing")
    most = expected.image_tokens(msgspec.structs.asdict(asked)) if operation == "image" else None
    return Asked(operation, model, _streams(operation, asked), most, asked.user, tags)


def _streams(operation: Operation, asked: _Request) -> bool:
    """Images and transcriptions by `stream`, speech by its own word for events."""
    return asked.stream_format == "sse" if operation == "speech" else bool(asked.stream)


def _named(place: Place, path: bytes) -> str:
    """The model at the end of a path, whose name may have slashes."""
    return unquote(path.partition(b"?")[0].removeprefix(b"/v1/models/").decode()) if "{model}" in place.path else ""


def _json(body: bytes) -> _Request:
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Unsayable(f"the body is no request: {str(error)[:200]}") from error


def _form(headers: Headers, body: bytes) -> _Request:
    found = multipart.parts(body, multipart.boundary_of(headers[b"content-type"]))
    said = {name: multipart.single(body, found, name) for name in _Request.__struct_fields__}
    return msgspec.convert({**said, "stream": said["stream"] == "true"}, _Request)


def renamed(body: bytes, model: str) -> bytes:
    """The body with another model, the rest byte by byte."""
    return multipart.replaced(body, "model", model) if body[:2] == b"--" else renaming.renamed(body, model)


def read_call(place: Place, path: bytes, headers: Headers, body: bytes) -> Plain:
    """The whole call."""
    asked = glance(place, path, headers, body)
    if place.operation in owners.OWNED or place.operation == "models":
        return _owned(place, asked, path, headers, body)
    if headers.get(b"content-type", b"").startswith(FORM):
        fields, files = multipart.taken(body, multipart.parts(body, multipart.boundary_of(headers[b"content-type"])))
    else:
        fields, files = Fields(decoded(body)).rest(), []
    fields = {name: value for name, value in fields.items() if name != "model"}
    return Plain(place.operation, asked.model, fields | {PATH: path.decode()}, files, asked.stream)


def _owned(place: Place, asked: Asked, path: bytes, headers: Headers, body: bytes) -> Plain:
    """Its body is kept as it is, since it is only passed on."""
    fields = {PATH: owners.unmarked_path(path.decode())}
    mime = headers.get(b"content-type", b"").decode("latin-1")
    return Plain(place.operation, asked.model, fields, [("", "", mime, owners.unmarked(body))] if body else ())
