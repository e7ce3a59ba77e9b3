"""A call in our words, written for a provider that speaks chat completions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Format,
    Json,
    Media,
    Message,
    Part,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.openai.efforts import SHARED, effort_of
from fairlead.apps.hub.shapes.openai_chat.content import BESIDE, besides, write_content
from fairlead.apps.hub.shapes.openai_chat.reasoning import write_reasoning, write_signature
from fairlead.apps.hub.shapes.refusing import ITEM, own, refuse, refuse_own, translatable
from fairlead.apps.hub.shapes.seals import foreign

NAME = "openai_chat"
NEWER = ("gpt-", "chatgpt-", "o1", "o3", "o4", "openai/")
"""How models begin that know `max_completion_tokens`; all else is sent `max_tokens`."""


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what chat completions have no words for."""
    ours = chat.protocol in ("", NAME)
    if not ours:
        refuse(NAME, top_k=chat.top_k)
    refuse_own(chat, NAME, thinking_shown=chat.thinking_shown or None)
    refuse(NAME, counting=chat.counting or None)
    chat = translatable(chat, NAME, SHARED if chat.protocol == "openai_responses" else frozenset())
    body = _settings(chat) | own(chat.extra, ITEM, "stream_options")
    return Sent("/v1/chat/completions", {"content-type": "application/json"}, encoded(body))


def _settings(chat: Chat) -> Json:
    tools = [write_tool(tool, chat.protocol in ("", NAME)) for tool in chat.tools]
    return said(
        model=chat.model,
        messages=list(write_messages(chat)),
        stream=True if chat.stream else None,
        stream_options=(chat.extra.get("stream_options") or {}) | {"include_usage": True} if chat.stream else None,
        tools=tools or None,
        tool_choice=_choice(chat),
        parallel_tool_calls=chat.parallel_tools,
        response_format=_format(chat.format),
        temperature=chat.temperature,
        top_p=chat.top_p,
        top_k=chat.top_k,
        stop=list(chat.stop) or None,
        seed=chat.seed,
        n=chat.count if chat.count != 1 else None,
        frequency_penalty=chat.frequency_penalty,
        presence_penalty=chat.presence_penalty,
        logprobs=None if chat.logprobs is None else True,
        top_logprobs=chat.logprobs or None,
        reasoning_effort=effort_of(chat),
        user=chat.user,
        service_tier=chat.tier,
        metadata=dict(chat.metadata) or None,
    ) | _most(chat)


def _most(chat: Chat) -> Json:
    if chat.max_tokens is None:
        return {}
    if chat.protocol == NAME:
        return {chat.extra.get(ITEM, "max_completion_tokens"): chat.max_tokens}
    return {"max_completion_tokens" if chat.model.startswith(NEWER) else "max_tokens": chat.max_tokens}


def _choice(chat: Chat) -> Any:
    if chat.tool_choice != "tool":
        return chat.tool_choice
    return {"type": "function", "function": {"name": chat.tool_named}}


def _format(wanted: Format | None) -> Json | None:
    if wanted is None:
        return None
    if wanted.kind != "schema":
        return {"type": "text" if wanted.kind == "text" else "json_object"}
    schema = said(description=wanted.description, schema=wanted.schema, strict=wanted.strict)
    return {"type": "json_schema", "json_schema": {"name": wanted.name or "answer", **schema}}


def write_tool(tool: Tool, marks: bool) -> Json:
    """One tool."""
    if tool.builtin is not None:
        return tool.builtin
    function = said(name=tool.name, description=tool.description, parameters=tool.schema, strict=tool.strict)
    mark = {"cache_control": tool.cache} if marks and tool.cache is not None else {}
    return {"type": "function", "function": function | own(tool.extra, BESIDE)} | besides(tool.extra) | mark


def write_messages(chat: Chat) -> Iterator[Json]:
    """The messages. What tools gave back are messages of their own here, wherever they stood in a turn."""
    marks = chat.protocol in ("", NAME)
    thoughts = marks or "gpt-oss" in chat.model or not chat.model.startswith(NEWER)
    for message in chat.messages:
        held: list[Part] = []
        for part in message.parts:
            if isinstance(part, ToolResult):
                yield from _held(message, held, marks, thoughts)
                held = []
                yield _result(part, marks)
            else:
                held.append(part)
        yield from _held(message, held, marks, thoughts)


def _held(message: Message, parts: Sequence[Part], marks: bool, thoughts: bool) -> Iterator[Json]:
    if message.role == "assistant":
        yield said(role="assistant", name=message.name) | _assistant(parts, marks, thoughts) | message.extra
    elif parts:
        content = write_content(parts, marks)
        yield said(role=message.role, content=content, name=message.name) | message.extra


def _result(result: ToolResult, marks: bool) -> Json:
    if any(isinstance(part, Media) for part in result.parts):
        raise Unsayable("openai_chat has no words for an image or a document in what a tool gave back")
    content = write_content(result.parts, marks) if result.parts else ""
    mark = {"cache_control": result.cache} if marks and result.cache is not None else {}
    return {"role": "tool", "tool_call_id": result.id, "content": content} | mark | result.extra


def _assistant(parts: Sequence[Part], marks: bool, thinks: bool) -> Json:
    """A turn of the model, with its reasoning unless it came of another protocol's provider, or the model is one of
    OpenAI's (`thinks`), which refuses the field."""
    thoughts = [part for part in parts if thinks and isinstance(part, Thinking) and not foreign(part, NAME)]
    uses = [write_use(part, marks) for part in parts if isinstance(part, ToolUse)]
    rest = [part for part in parts if not isinstance(part, Thinking | ToolUse)]
    words = [part for part in rest if not (isinstance(part, Text) and part.signature and not part.text)]
    signatures = [part.signature for part in rest if isinstance(part, Text) and part.signature]
    fields: Json = {"content": write_content(words, marks) if words else None}
    if uses:
        fields["tool_calls"] = uses
    return fields | write_reasoning(thoughts) | write_signature(signatures[-1] if signatures else None)


def write_use(use: ToolUse, marks: bool = True) -> Json:
    """One call of a tool."""
    if use.extra.get("type") == "custom":
        kind, said_of = "custom", {"name": use.name, "input": use.arguments}
    else:
        kind, said_of = "function", {"name": use.name, "arguments": use.arguments}
    called = {"id": use.id, "type": kind, kind: said_of | own(use.extra, "type", BESIDE)}
    mark = {"cache_control": use.cache} if marks and use.cache is not None else {}
    return called | besides(use.extra) | mark | write_signature(use.signature)
