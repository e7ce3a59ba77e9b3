"""Another model's name in a body that is otherwise passed on byte by byte.

The name is replaced in place where no doubt is possible: `"model"` stands once in the bytes (inside a JSON string its
quotes would be escaped, so it is a whole string), a colon follows it, and no escape could spell the same key otherwise
(the letters of `model` are U+0064 to U+006F). In any other case the object is taken apart, its values kept as they are.
"""

from __future__ import annotations

import re

import msgspec

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes.fields import encoded

_NAME = re.compile(rb'"model"[ \t\r\n]*:[ \t\r\n]*("[^"\\]*")')
_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Stream(msgspec.Struct):
    stream: bool | None = None
    stream_options: dict[str, msgspec.Raw] | None = None


_STREAM = msgspec.json.Decoder(_Stream)


def renamed(body: bytes, model: str) -> bytes:
    """The body with that model. Raises `Unsayable` for what is no JSON object."""
    if body.count(b'"model"') == 1 and b"\\u006" not in body and (found := _NAME.search(body)):
        return b"%b%b%b" % (body[: found.start(1)], encoded(model), body[found.end(1) :])
    return encoded(taken_apart(body) | {"model": model})


def with_usage(body: bytes) -> bytes:
    """The same body; when it asks for a stream of OpenAI's kind, it asks for the usage too."""
    if b"true" not in body:
        return body
    try:
        asked = _STREAM.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unsayable(f"the body is no request: {str(error)[:200]}") from error
    if not asked.stream:
        return body
    if asked.stream_options is None and b"stream_options" not in body and b"\\u00" not in body:
        return b'%b"stream_options":{"include_usage":true},%b' % _opened(body)
    options = asked.stream_options or {}
    if bytes(options.get("include_usage", b"")) == b"true":
        return body
    whole = options | {"include_usage": msgspec.Raw(b"true")}
    return encoded(taken_apart(body) | {"stream_options": whole})


def taken_apart(body: bytes) -> dict[str, object]:
    """The fields of an object, their values as the bytes that they are."""
    try:
        return dict(_RAW.decode(body))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unsayable(f"the body is no JSON object: {str(error)[:200]}") from error


def _opened(body: bytes) -> tuple[bytes, bytes]:
    """What stands up to the opening brace, and what follows it (a request of a stream has a field at least)."""
    brace = body.index(b"{") + 1
    return body[:brace], body[brace:]
