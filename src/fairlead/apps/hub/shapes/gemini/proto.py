"""Objects of Google's JSON, whose fields have two names each (ProtoJSON): `generationConfig`, `generation_config`.

And paths, which name the model and what is asked for: `/v1beta/models/{model}:generateContent`.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import quote, unquote

from fairlead.apps.hub.calls import Unsayable
from fairlead.apps.hub.shapes.fields import Fields
from fairlead.apps.hub.shapes.seals import MARK, marked, unmarked

NAME = "gemini"
MADE = "gemini-call-"
"""Begins the ids of tool calls to which Gemini gave none; they are not said to it."""

_PATH = re.compile(r"/models/(.+):([a-zA-Z]+)$")
_LOW = re.compile(r"_([a-z0-9])")


class Proto(Fields):
    """An object whose fields may be named in either way; they are taken by their camelCase names."""

    __slots__ = ()

    def __init__(self, value: object, where: str = "") -> None:
        super().__init__(value, where)
        if any("_" in name for name in self._left):
            self._left = {camel(name): found for name, found in self._left.items()}


def camel(name: str) -> str:
    """`generation_config` -> `generationConfig`."""
    return _LOW.sub(lambda found: found[1].upper(), name)


def model_of(path: bytes) -> tuple[str, str, bool]:
    """The model, the method and whether a stream is asked for as events. Raises `Unsayable`."""
    plain, _, query = path.decode("latin-1").partition("?")
    found = _PATH.search(plain)
    if found is None:
        raise Unsayable("the path should name a model: /v1beta/models/{model}:generateContent")
    return unquote(found[1]), found[2], "alt=sse" in query.split("&")


def path_of(model: str, method: str) -> str:
    """The path for a provider; streams are always asked for as events."""
    query = "?alt=sse" if method == "streamGenerateContent" else ""
    return f"/v1beta/models/{quote(model.removeprefix('models/'), safe='/@')}:{method}{query}"


def sealed(value: str | None, origin: str) -> str | None:
    """A `thoughtSignature` for a client: base64, which clients decode and encode again."""
    said = marked(value, origin, NAME)
    return base64.urlsafe_b64encode(said.encode()).decode() if said and said.startswith(MARK) else said


def unsealed(value: str | None) -> tuple[str | None, str]:
    """A `thoughtSignature` that came back, and where it came from."""
    try:
        plain = base64.b64decode((value or "").replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError):
        plain = b""
    if plain.startswith(MARK.encode()):
        return unmarked(plain.decode(errors="replace"), NAME)
    return value, NAME
