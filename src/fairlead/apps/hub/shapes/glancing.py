"""What the hub needs of a request before it is sent anywhere: one pass over the bytes, without reading the rest.

The fields are those of OpenAI's protocols, of Anthropic and of Cohere, which differ in the names of limits only.
"""

from __future__ import annotations

import msgspec

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes import Asked, Headers, Place

TAGS = b"x-fairlead-tags"
"""The header by which a request names its tags, with commas between."""


class _Options(msgspec.Struct):
    include_usage: bool | None = None


class _Request(msgspec.Struct):
    model: str
    stream: bool | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None
    user: str | None = None
    stream_options: _Options | None = None


_DECODER = msgspec.json.Decoder(_Request)


def glance(place: Place, headers: Headers, body: bytes, usage: bool = True) -> Asked:
    """What is asked. Raises `Unsayable` for what is no request. `usage`: whether streams tell it unasked."""
    try:
        asked = _DECODER.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Unsayable(f"the body is no request: {str(error)[:200]}") from error
    most = asked.max_completion_tokens or asked.max_tokens or asked.max_output_tokens
    if most is not None and asked.n is not None and asked.n > 1:
        most *= asked.n
    usage = usage or (asked.stream_options is not None and asked.stream_options.include_usage is True)
    tags = tags_of(headers) if TAGS in headers else ()
    settled = asked.temperature == 0
    return Asked(place.operation, asked.model, asked.stream or False, most, asked.user, tags, usage, settled)


def glanced(place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
    """The same as a shape is asked for it."""
    return glance(place, headers, body)


def glanced_without_usage(place: Place, path: bytes, headers: Headers, body: bytes) -> Asked:
    """The same of a protocol whose streams tell the usage on request only."""
    return glance(place, headers, body, usage=False)


def tags_of(headers: Headers) -> tuple[str, ...]:
    """The tags that a request names."""
    value = headers.get(TAGS)
    if value is None:
        return ()
    return tuple(tag.strip() for tag in value.decode("latin-1").split(",") if tag.strip())
