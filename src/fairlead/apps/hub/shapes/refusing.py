"""What one protocol says and another can't: it is refused by name, never left out.

Left out are only the settled things below: those that ask for what every other protocol does anyway, names of stored
items that mean nothing elsewhere, and what bears on no answer (who the user is, metadata, what caches and safety checks
know a client by). Where the configuration says so (`unsupported: ignore`), settings that the other lacks are left out
too (`easing`), never what is part of the conversation. Marks for prompt caching are kept where a protocol has them
(Anthropic) and not written where providers cache by themselves (OpenAI, Gemini, Cohere). An answer is never refused for
the side information of its provider (fingerprints, safety ratings, citations): another protocol's client gets the
answer without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Delta,
    Json,
    Message,
    Other,
    Part,
    Plain,
    Refusal,
    Reply,
    Tool,
    ToolResult,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import OURS

ANYTHING = object()
STORED = ("previous_response_id", "conversation", "prompt", "cachedContent", "documents")
"""What an answer rests on: never left out."""
ITEM = f"{OURS}item"
"""The extra under which a shape keeps the names and states of items, of no meaning to any other."""

MESSAGE = f"{OURS}message"
"""The extra of a choice under which a shape keeps those of its message."""

SETTLED: dict[tuple[str, str], Any] = {
    ("openai_chat", "store"): (False,),
    ("openai_chat", "prompt_cache_key"): ANYTHING,
    ("openai_chat", "prompt_cache_retention"): ANYTHING,
    ("openai_chat", "safety_identifier"): ANYTHING,
    ("openai_chat", "detail"): ("auto",),
    ("openai_chat", "verbosity"): ("medium",),
    ("openai_chat", "prefix"): (False,),
    ("mistral_chat", "prefix"): (False,),
    ("mistral_chat", "safe_prompt"): (False,),
    ("mistral_chat", "prompt_mode"): ANYTHING,
    ("mistral_chat", "prompt_cache_key"): ANYTHING,
    ("mistral_chat", "detail"): ("auto",),
    ("openai_responses", "detail"): ("auto",),
    ("openai_responses", "store"): (False,),
    ("openai_responses", "prompt_cache_key"): ANYTHING,
    ("openai_responses", "prompt_cache_retention"): ANYTHING,
    ("openai_responses", "safety_identifier"): ANYTHING,
    ("openai_responses", "client_metadata"): ANYTHING,
    ("openai_responses", "truncation"): ("disabled",),
    ("openai_responses", "background"): (False,),
    ("openai_responses", "verbosity"): ("medium",),
    ("openai_responses", "include"): ([], ["reasoning.encrypted_content"]),
    ("anthropic", "context_management"): ANYTHING,
    ("anthropic", "eager_input_streaming"): ANYTHING,
    ("anthropic", "metadata"): ANYTHING,
    ("gemini", "safetySettings"): ([],),
    ("gemini", "labels"): ANYTHING,
    ("gemini", "responseJsonSchema"): ANYTHING,
    ("gemini", "response"): ANYTHING,
}
"""(protocol, field): the values that ask for nothing that others don't do, or that bear on no answer."""


class Lacking(Unsayable):
    """A setting that a protocol has no words for: `field` of `Chat`, or `EXTRAS`. It may be left out (`easing`)."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


EXTRAS = "extra"
"""Fields, and tools of the provider, that only the protocol has in which the call came."""


def refuse(protocol: str, **said: Any) -> None:
    """Raises `Lacking` for the first field that has a value, and for which the protocol has no words."""
    for field, value in said.items():
        if value is not None:
            raise Lacking(f"{protocol} has no words for `{field}`", field)


def refuse_own(chat: Chat, protocol: str, **said: Any) -> None:
    """The same for what bears on no answer: it is refused where nobody knows whose words it is in, and left out when
    it comes from another protocol."""
    if chat.protocol in ("", protocol):
        refuse(protocol, **said)


def translatable(chat: Chat, protocol: str, known: frozenset[str] = frozenset()) -> Chat:
    """The call without extras of another protocol (but for the `known` ones), or as it is when it is its own."""
    if chat.protocol in ("", protocol):
        return chat
    for place, name, value in _extras(chat):
        if name == ITEM or name in known:
            continue
        settled = SETTLED.get((chat.protocol, name), ())
        if settled is not ANYTHING and value not in settled:
            field = "" if name in STORED else EXTRAS
            raise Lacking(f"`{place}{name}` of {chat.protocol} has no words in {protocol}", field)
    messages = tuple(_plain(message, known) for message in chat.messages)
    tools = tuple(replace(tool, extra=_known(tool.extra, known)) for tool in chat.tools)
    return replace(chat, messages=messages, tools=tools, extra=_known(chat.extra, known))


def answerable(reply: Reply, protocol: str) -> Reply:
    """The answer without extras of another protocol."""
    if reply.protocol in ("", protocol):
        return reply
    choices = tuple(replace(c, parts=tuple(bare(p) for p in c.parts), extra={}) for c in reply.choices)
    return replace(reply, choices=choices, extra={})


def bare_delta(delta: Delta) -> Delta:
    """A step of another protocol's stream without its extras."""
    return replace(delta, begins=None if delta.begins is None else bare(delta.begins), extra={})


def _extras(chat: Chat) -> Iterator[tuple[str, str, Any]]:
    yield from (("", name, value) for name, value in chat.extra.items())
    for tool in chat.tools:
        if tool.builtin is not None:
            yield "tools.", tool.name, tool.builtin
        yield from (("tools.", name, value) for name, value in tool.extra.items())
    for number, message in enumerate(chat.messages):
        yield from ((f"messages[{number}].", name, value) for name, value in message.extra.items())
        for part in message.parts:
            yield from ((f"messages[{number}].content.", name, value) for name, value in _extra(part))


def _extra(part: Part) -> Iterator[tuple[str, Any]]:
    if isinstance(part, Refusal):
        return
    if isinstance(part, Other):
        yield part.kind, part.fields
        return
    yield from part.extra.items()
    if isinstance(part, ToolResult):
        for inner in part.parts:
            yield from _extra(inner)


def _known(extra: Json, known: frozenset[str]) -> Json:
    return {name: value for name, value in extra.items() if name in known} if extra else extra


def _plain(message: Message, known: frozenset[str]) -> Message:
    return replace(message, parts=tuple(bare(part, known) for part in message.parts), extra={})


def bare(part: Part, known: frozenset[str] = frozenset()) -> Any:
    """A part without extras, but for those known. Raises `Unsayable` for one of another protocol only."""
    if isinstance(part, Other):
        raise Unsayable(f"only its own protocol has words for `{part.kind}`")
    if isinstance(part, Refusal):
        return part
    if isinstance(part, ToolResult):
        inner = tuple(bare(one, known) for one in part.parts)
        return replace(part, parts=inner, extra=_known(part.extra, known))
    return replace(part, extra=_known(part.extra, known)) if part.extra else part


def one(choices: tuple[Choice, ...], protocol: str) -> Choice:
    """The only answer, for a protocol that has no more than one."""
    if len(choices) != 1:
        raise Unsayable(f"{protocol} has words for one answer, not for {len(choices)}")
    return choices[0]


def group(extra: Json, name: str) -> Json:
    """The extras within a field that the shape itself writes."""
    found: Json = extra.get(name, {})
    return found


def own(extra: Json, *names: str) -> Json:
    """The extras that are fields of their own where they are written, without those named."""
    return {name: value for name, value in extra.items() if name not in names}


def builtin(tool: Tool, protocol: str) -> Json:
    """A tool of the provider, as its protocol writes it."""
    if tool.builtin is None:
        raise Unsayable(f"{protocol} has no words for the tool `{tool.name}`")
    return tool.builtin


def chat_of(call: Chat | Plain, protocol: str) -> Chat:
    """The call, when it is of a conversation."""
    if isinstance(call, Plain):
        raise Unsayable(f"{protocol} has no words for a call of the kind `{call.operation}`")
    return call


def reply_of(reply: Reply | Plain, protocol: str) -> Reply:
    """The answer, when it is of a conversation and can be said in the protocol."""
    if isinstance(reply, Plain):
        raise Unsayable(f"{protocol} has no words for an answer of the kind `{reply.operation}`")
    return answerable(reply, protocol)
