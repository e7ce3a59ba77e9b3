"""The echo's tokens: up to four letters or digits with the space before them, or one other sign.

Joined they are the text again. It is no model's tokenizer, but near them in number (English: four letters a token), the
same on all machines, and quick. Beside texts, as OpenAI's chat format does it: three for each message and three for the
answer's beginning; an image counts 85, whatever its size; other media a token for each 100 bytes.
"""

from __future__ import annotations

import re
from functools import singledispatch

from fairlead.apps.hub.calls import Chat, Media, Message, Other, Refusal, Text, Thinking, Tool, ToolResult, ToolUse
from fairlead.apps.hub.shapes.fields import encoded

_TOKEN = re.compile(r"\s?[^\W_]{1,4}|\s?[\W_]")
IMAGE = 85
EACH_MESSAGE = 3


def tokens_of(text: str) -> list[str]:
    """The tokens of a text."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens it has."""
    return len(_TOKEN.findall(text))


def of_chat(chat: Chat) -> int:
    """Of all that is told."""
    return EACH_MESSAGE + sum(map(of_message, chat.messages)) + sum(map(_of_tool, chat.tools))


def of_message(message: Message) -> int:
    """Of one message."""
    return EACH_MESSAGE + sum(of_part(part) for part in message.parts)


def _of_tool(tool: Tool) -> int:
    return count(tool.name) + count(tool.description or "") + count(encoded(tool.schema or tool.builtin or {}).decode())


@singledispatch
def of_part(part: object) -> int:
    """Of one part of a message; of one that only its protocol has words for, as it is written."""
    return count(encoded(part.fields).decode()) if isinstance(part, Other) else 0


@of_part.register
def _text(part: Text) -> int:
    return count(part.text)


@of_part.register
def _thinking(part: Thinking) -> int:
    return count(part.text)


@of_part.register
def _refusal(part: Refusal) -> int:
    return count(part.text)


@of_part.register
def _use(part: ToolUse) -> int:
    return count(part.name) + count(part.arguments)


@of_part.register
def _result(part: ToolResult) -> int:
    return sum(of_part(inner) for inner in part.parts)


@of_part.register
def _media(part: Media) -> int:
    return IMAGE if part.kind == "image" else len(part.data or "") * 3 // 400
