"""The words in a body, each where it can be replaced: of JSON, of an upload, of plain text.

What is no words is left out: pictures and sounds in base64, sealed reasoning and signatures, names and numbers that a
protocol needs as they are. A body in which nothing is replaced is never written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes import multipart

SEALED = frozenset({"signature", "thoughtSignature", "thought_signature", "encrypted_content"})
"""What its provider signed or sealed: changed, it is worth nothing."""

NAMES = frozenset(
    {"id", "type", "role", "object", "model", "finish_reason", "stop_reason", "tool_call_id", "call_id", "tool_use_id"}
    | {"item_id", "file_id", "response_id", "previous_response_id", "system_fingerprint", "service_tier"}
    | {"mime_type", "mimeType", "media_type"}
)
"""Fields of protocols that hold no words."""

BYTES = frozenset({"data", "file_data", "b64_json", "url", "image_url", "partial_image_b64"})
"""Fields that may hold bytes in base64."""

ARGUMENTS = frozenset({"arguments", "partial_json"})
"""Fields that hold JSON as text."""

OBJECTS = frozenset({"input", "args", "arguments", "parameters", "response"})
"""Objects of tools, where a value's name says what it is."""

SHORTEST = 6
"""Characters; no secret is shorter."""

_BASE64 = re.compile(r"(?:data:[^,]{0,200};base64,)?[A-Za-z0-9+/_=\r\n-]{64,}")
_TEXT_TYPES = (b"text/", b"application/jsonl", b"application/x-ndjson", b"application/octet-stream")


@dataclass(slots=True)
class Words:
    """One text of a body."""

    text: str
    holder: MutableMapping[str, Any] | MutableSequence[Any]
    key: Any
    place: str
    """Where it stands, as `messages[0].content`."""
    lead: str = ""
    """Words before it that say what it is; not part of the body."""
    is_json: bool = False
    """Whether it is JSON itself, as the arguments of a tool are."""

    @property
    def whole(self) -> str:
        """What is looked through."""
        return self.lead + self.text

    def put(self, text: str) -> None:
        """Another in its place."""
        self.text = text
        self.holder[self.key] = text


class Body(Protocol):
    """A request or an answer, taken apart."""

    @property
    def words(self) -> Sequence[Words]:
        """All of them."""

    def written(self) -> bytes:
        """As it is now."""


class Json:
    """A body of JSON."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self.words = list(_in(value, "", False))

    def written(self) -> bytes:
        """Without spaces. Raises `Unsayable`."""
        try:
            return msgspec.json.encode(self._value)
        except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError) as error:
            raise Unsayable(f"can't be written as JSON: {type(error).__name__}") from error

    def drop(self, *names: str) -> None:
        """Take fields out, wherever they stand: what says the same as the words, token by token."""
        _drop(self._value, frozenset(names))


class Lines:
    """A body of which some stretches are words, the rest bytes that stay as they are."""

    def __init__(self, pieces: list[Any], places: Mapping[int, str]) -> None:
        self._pieces = pieces
        self.words = [Words(pieces[at], pieces, at, place) for at, place in places.items()]

    def written(self) -> bytes:
        """All of it in its order."""
        return b"".join(one if isinstance(one, bytes) else one.encode() for one in self._pieces)


def body_of(content_type: bytes, body: bytes) -> Json | Lines | None:
    """A body taken apart; `None` where there are no words in it. Raises `Unsayable`."""
    if not body:
        return None
    if content_type.startswith(b"multipart/form-data"):
        return _form(content_type, body)
    try:
        return Json(msgspec.json.decode(body))
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return _plain(content_type, body)


def _form(content_type: bytes, body: bytes) -> Lines:
    pieces: list[Any] = []
    places: dict[int, str] = {}
    end = 0
    for part in multipart.parts(body, multipart.boundary_of(content_type)):
        pieces.append(body[end : part.start])
        value, end = body[part.start : part.end], part.end
        if (text := _decoded(value)) is not None:
            places[len(pieces)] = part.name
        pieces.append(value if text is None else text)
    return Lines([*pieces, body[end:]], places)


def _plain(content_type: bytes, body: bytes) -> Lines | None:
    if not content_type.startswith(_TEXT_TYPES) and not content_type.startswith(b"application/json"):
        return None
    text = _decoded(body)
    return None if text is None else Lines([text], {0: "the body"})


def _decoded(value: bytes) -> str | None:
    if b"\0" in value:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _in(value: Any, place: str, named: bool) -> Iterator[Words]:
    """The words in a value of JSON; `named`: within an object of a tool."""
    if isinstance(value, dict):
        for key, inner in value.items():
            at = f"{place}.{key}" if place else key
            if isinstance(inner, str):
                if key not in SEALED and _is_words(key, inner, named):
                    lead = f"{key}: " if named else ""
                    yield Words(inner, value, key, at, lead, key in ARGUMENTS)
            elif isinstance(inner, dict | list):
                yield from _in(inner, at, named or (key in OBJECTS and isinstance(inner, dict)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            at = f"{place}[{number}]"
            if isinstance(inner, str):
                if len(inner) >= SHORTEST:
                    yield Words(inner, value, number, at)
            elif isinstance(inner, dict | list):
                yield from _in(inner, at, named)


def _is_words(key: str, text: str, named: bool) -> bool:
    if len(text) < SHORTEST or (key in NAMES and not named):
        return False
    return key not in BYTES or named or _BASE64.fullmatch(text) is None


def _drop(value: Any, names: frozenset[str]) -> None:
    if isinstance(value, dict):
        for name in names & value.keys():
            value[name] = None
        for inner in value.values():
            _drop(inner, names)
    elif isinstance(value, list):
        for inner in value:
            _drop(inner, names)
