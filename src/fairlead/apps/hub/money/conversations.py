"""Tokens of whole calls and answers, estimated part by part: for `count_tokens` where a provider has no such thing.

What stands around messages and tools is not published but for OpenAI's; images, documents and sound are taken for ones
of a usual size, since their real size stands inside them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairlead.apps.hub.calls import (
    Chat,
    Json,
    Media,
    Other,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Usage,
)
from fairlead.apps.hub.money.tokens import Vocabulary, tokens, vocabulary

PER_MESSAGE = 4
"""What stands around a message: its role, its beginning and its end (OpenAI's cookbook: 3, and 1 for a name)."""

PER_ANSWER = 3
"""What leads to the answer (the same)."""

PER_TOOL = 12
"""What stands around the description of a tool."""

PAGE_BYTES, PAGE = 50_000, 2_000
"""A page of a document, and its tokens (Anthropic's page on PDF: 1,500 to 3,000)."""

SOUND_BYTES, SOUND = 16_000, 25
"""A second of sound, and its tokens (OpenAI: 10, Google: 32)."""


def in_chat(call: Chat) -> int:
    """Tokens of a conversation with its tools."""
    words = vocabulary(call.model)
    count = PER_ANSWER
    for message in call.messages:
        count += PER_MESSAGE + sum(_part(words, part) for part in message.parts)
    for tool in call.tools:
        count += PER_TOOL + words.count(tool.name) + words.count(tool.description or "") + _json(words, tool.schema)
    return count + (_json(words, call.format.schema) if call.format is not None else 0)


def in_reply(model: str, reply: Reply) -> int:
    """Tokens of an answer."""
    words = vocabulary(model)
    return sum(_part(words, part) for choice in reply.choices for part in choice.parts)


def counted(call: Chat, reply: Reply | None = None) -> Usage:
    """As a usage, marked."""
    return Usage(input=in_chat(call), output=in_reply(call.model, reply) if reply is not None else 0, estimated=True)


def _part(words: Vocabulary, part: Part) -> int:
    if isinstance(part, Media):
        return _media(words, part)
    if isinstance(part, ToolResult):
        return PER_MESSAGE + sum(_part(words, one) for one in part.parts)
    if isinstance(part, Other):
        return _json(words, part.fields)
    return sum(words.count(text) for text in _texts(part))


def _texts(part: Text | Thinking | ToolUse | Refusal) -> Iterator[str]:
    if isinstance(part, ToolUse):
        yield from (part.name, part.arguments)
    else:
        yield part.text


def _media(words: Vocabulary, media: Media) -> int:
    size = len(media.data or "") * 3 // 4
    if media.kind == "document":
        return PAGE * max(1, size // PAGE_BYTES)
    if media.kind == "image":
        return words.image
    return SOUND * max(1, size // SOUND_BYTES)


def _json(words: Vocabulary, fields: Json | None) -> int:
    return tokens(words.weigh(msgspec.json.encode(fields))) if fields else 0
