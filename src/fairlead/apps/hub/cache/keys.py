"""What makes two requests the same: the key under which an answer is kept.

The key is a hash of the tenant, the route (with who answers for it), the protocol and the operation, the headers that
reach the provider, and the body in canonical form: keys of JSON sorted, blanks gone. Left out is what does not change
an answer: whether it is streamed, and who the end user is. Numbers are compared as written but for their form: 0 and
0.0 are told apart, which costs a hit and never gives a wrong one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fairlead.apps.hub.calls import Operation

Json = dict[str, Any]

LEFT_OUT = (
    "stream",
    "stream_options",
    "user",
    "safety_identifier",
    "metadata",
    "prompt_cache_key",
    "prompt_cache_retention",
)
"""OpenAI's names, and Anthropic's `metadata`, which holds the end user's id."""

SAME = frozenset({"embedding", "rerank", "moderation", "count"})
"""Operations that give the same answer to the same request anyhow."""

CHANCE = frozenset({"chat", "completion"})
"""Operations that do so at temperature 0, as near as models can."""

WHIM = frozenset({"image"})
"""Operations that never do: kept only where the policy says `always`."""

EFFECTS = ("store", "background", "conversation", "mcp_servers", "container")
"""Fields by which an answer is not all that is wanted: it is stored at the provider, goes on there, or acts."""

ACTING = ("mcp", "code_", "computer", "shell", "local_shell", "apply_patch", "image_generation", "bash", "text_editor")
"""Beginnings of the kinds of tools that a provider, or a client for it, acts by. Functions and searches only ask."""

COLD = re.compile(rb'"temperature"\s*:\s*-?0(?:\.0*)?(?:[eE][+-]?\d+)?(?![\d.eE])')
"""A temperature of 0 in any of its forms, somewhere: what has none needs not be taken apart."""

_decode = msgspec.json.Decoder(Json).decode
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Rules:
    """What a route has to say about caching, prepared once per configuration."""

    salt: bytes
    """Names the route, and who answers: with other targets its answers are others'."""
    keep_s: float = 300.0
    always: bool = False
    """Whatever the temperature is."""
    headers: Sequence[bytes] = ()
    """The client's headers that reach the provider, in lower case."""
    semantic: float | None = None
    embeddings: str = ""
    """The model that embeds prompts, where `semantic` is wanted."""


def canonical(operation: Operation, body: bytes, always: bool) -> bytes | None:
    """The body in the form that is compared; `None` where the answer must not be kept, or given to another."""
    if operation not in CHANCE and operation not in SAME and not (always and operation in WHIM):
        return None
    if operation in CHANCE and not always and not may_be_settled(body):
        return None  # most requests: nothing more is read of them
    try:
        fields = _decode(body)
        if operation in CHANCE and (has_effects(fields) or not (always or is_settled(fields))):
            return None
        whole = _encode(fields)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    if body.count(b'"') != whole.count(b'"') or b"\\u0022" in body:
        return None  # something is said twice, and a provider may heed another one than we do
    left_out = [name for name in LEFT_OUT if name in fields]
    if not left_out:
        return whole
    for name in left_out:
        del fields[name]
    return _encode(fields)


def may_be_settled(body: bytes) -> bool:
    """Whether it is worth a closer look; half a microsecond for 1 KB without a temperature."""
    return b'"temperature"' in body and COLD.search(body) is not None


def is_settled(fields: Json) -> bool:
    """Whether it asks for temperature 0; Gemini says so in `generationConfig`."""
    temperature = fields.get("temperature")
    if temperature is None and isinstance(more := fields.get("generationConfig"), dict):
        temperature = more.get("temperature")
    return isinstance(temperature, int | float) and not isinstance(temperature, bool) and temperature == 0


def has_effects(fields: Json) -> bool:
    """Whether something comes of the call beside its answer."""
    if any(fields.get(name) for name in EFFECTS):
        return True
    tools = fields.get("tools")
    if not isinstance(tools, list):
        return False
    return any(isinstance(tool, dict) and str(tool.get("type", "")).startswith(ACTING) for tool in tools)


def digest(
    rules: Rules, tenant: str, shape: str, operation: str, headers: Mapping[bytes, bytes], canonical: bytes
) -> bytes:
    """16 bytes. Every piece goes in with its length, so that no two lists of pieces look alike."""
    pieces = [rules.salt, tenant.encode(), shape.encode(), operation.encode(), canonical]
    for name in rules.headers:
        if (value := headers.get(name)) is not None:
            pieces += (name, value)
    hashed = hashlib.blake2b(digest_size=16, person=b"fairlead-cache-1")
    hashed.update(b"".join([b"%d:%b" % (len(piece), piece) for piece in pieces]))
    return hashed.digest()
