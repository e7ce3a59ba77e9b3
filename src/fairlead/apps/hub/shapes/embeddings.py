"""Embeddings between protocols: texts, and vectors as floats or as base64 of little-endian float32 (OpenAI)."""

from __future__ import annotations

import base64
import struct
from typing import Any

from fairlead.apps.hub.calls import Json, Plain, Unsayable
from fairlead.apps.hub.shapes.openai_plain.asking import PATH

SETTLED = {"user", "encoding_format", "fairlead:one", PATH}
"""What is done here, or bears on no answer."""


def words_of(call: Plain, protocol: str, known: frozenset[str]) -> tuple[list[str], int | None, Json]:
    """The texts, the dimensions asked for, and the fields that the protocol has words for. Raises `Unsayable`."""
    fields = {name: value for name, value in call.fields.items() if name not in SETTLED and value is not None}
    given, dimensions = fields.pop("input", None), fields.pop("dimensions", None)
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Unsayable(f"{protocol} has words for an `input` of texts only")
    if other := next(iter(fields.keys() - known), None):
        raise Unsayable(f"{protocol} has no words for `{other}`")
    return texts, dimensions, fields


def told(call: Plain, vectors: list[Any], tokens: int) -> Plain:
    """The answer in OpenAI's words, the vectors in the form that was asked for."""
    if len(vectors) != len(_inputs(call)):
        raise Unsayable("the provider's answer has not as many vectors as there are texts")
    as_base64 = call.fields.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": packed(vector) if as_base64 else vector}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Plain("embedding", call.model, {"object": "list", "model": call.model, "data": data, "usage": usage})


def _inputs(call: Plain) -> list[Any]:
    given = call.fields.get("input")
    return given if isinstance(given, list) else [given]


def vectors_of(reply: Plain) -> list[list[float]]:
    """The vectors of an answer in OpenAI's words."""
    data = sorted(reply.fields["data"], key=_index)
    return [unpacked(item["embedding"]) if isinstance(item["embedding"], str) else item["embedding"] for item in data]


def _index(item: Json) -> int:
    return int(item.get("index", 0))


def packed(vector: list[float]) -> str:
    """Base64 of float32, little-endian."""
    try:
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    except (struct.error, OverflowError, TypeError) as error:
        raise Unsayable("the provider's vector is none of numbers") from error


def unpacked(text: str) -> list[float]:
    """The other way round."""
    try:
        data = base64.b64decode(text, validate=True)
        return list(struct.unpack(f"<{len(data) // 4}f", data))
    except (ValueError, struct.error) as error:
        raise Unsayable("the provider's vector is no base64 of float32") from error
