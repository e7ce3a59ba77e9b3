"""A call without the settings that a provider lacks, where its configuration says `unsupported: ignore`.

Settings only: what the model is told, and what an earlier answer was stored under, is refused as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fairlead.apps.hub.calls import Chat, Json, Message, Other, Part, Refusal
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import OURS
from fairlead.apps.hub.shapes.refusing import EXTRAS, Lacking


def leniently(tell: Callable[[Chat], Sent], chat: Chat) -> Sent:
    """The call as far as there are words for it. Raises `Unsayable` for what may not be left out."""
    while True:
        try:
            return tell(chat)
        except Lacking as lacking:
            eased = EASED.get(lacking.field, _same)(chat)
            if eased == chat:
                raise
            chat = eased


def _same(chat: Chat) -> Chat:
    return chat


def _unset(name: str) -> Callable[[Chat], Chat]:
    default = getattr(Chat("", ()), name)
    return lambda chat: replace(chat, **{name: default})


def _cooler(chat: Chat) -> Chat:
    return replace(chat, temperature=1.0)


def _nameless(chat: Chat) -> Chat:
    return replace(chat, messages=tuple(replace(message, name=None) for message in chat.messages))


def _slack(chat: Chat) -> Chat:
    return replace(chat, tools=tuple(replace(tool, strict=None) for tool in chat.tools))


def _bare(chat: Chat) -> Chat:
    """Without the fields of one protocol, and without the tools that its provider runs."""
    tools = tuple(replace(tool, extra=_ours(tool.extra)) for tool in chat.tools if tool.builtin is None)
    named = chat.tool_choice != "tool" or any(tool.name == chat.tool_named for tool in tools)
    choice, name = (chat.tool_choice, chat.tool_named) if tools and named else (None, None)
    messages = tuple(map(_message, chat.messages))
    parallel = chat.parallel_tools if tools else None
    chat = replace(chat, tools=tools, messages=messages, extra=_ours(chat.extra))
    return replace(chat, tool_choice=choice, tool_named=name, parallel_tools=parallel)


def _message(message: Message) -> Message:
    return replace(message, parts=tuple(map(_part, message.parts)), extra=_ours(message.extra))


def _part(part: Part) -> Part:
    if isinstance(part, Refusal | Other):
        return part
    return replace(part, extra=_ours(part.extra))


def _ours(extra: Json) -> Json:
    return {name: value for name, value in extra.items() if name.startswith(OURS)}


SETTINGS = (
    "seed",
    "count",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "metadata",
    "user",
    "tier",
    "effort",
    "thinking_tokens",
    "thinking_shown",
    "parallel_tools",
    "top_k",
    "stop",
    "format",
)
EASED: dict[str, Callable[[Chat], Chat]] = {name: _unset(name) for name in SETTINGS}
EASED |= {"temperature_above_1": _cooler, "name": _nameless, "strict": _slack, EXTRAS: _bare}
"""What becomes of a call for each field that may be left out."""
