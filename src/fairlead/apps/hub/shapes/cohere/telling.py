"""A call in our words, written for Cohere's chat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Format,
    Json,
    Media,
    Message,
    Other,
    Part,
    Refusal,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.cohere.asking import NAME, PLAN
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.media import url_of
from fairlead.apps.hub.shapes.refusing import ITEM, Lacking, group, own, refuse, refuse_own, translatable
from fairlead.apps.hub.shapes.seals import foreign

CHOICES = {"none": "NONE", "required": "REQUIRED", "tool": "REQUIRED", "auto": None}


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what chat has no words for."""
    _refused(chat)
    chat = translatable(chat, NAME)
    body = _settings(chat) | own(chat.extra, ITEM, "thinking")
    return Sent("/v2/chat", {"content-type": "application/json"}, encoded(body))


def _refused(chat: Chat) -> None:
    ours = chat.protocol in ("", NAME)
    refuse(
        NAME,
        counting=chat.counting or None,
        count=chat.count if chat.count != 1 else None,
        parallel_tools=False if chat.parallel_tools is False else None,
        logprobs=chat.logprobs if chat.logprobs or not ours else None,
        tier=chat.tier if chat.tier not in ("auto", "default") else None,
    )
    refuse_own(
        chat,
        NAME,
        user=chat.user,
        metadata=chat.metadata or None,
        effort=chat.effort if chat.effort != "none" else None,
        thinking_shown=chat.thinking_shown or None,
        tool_named=chat.tool_named,
    )


def _settings(chat: Chat) -> Json:
    return said(
        model=chat.model,
        messages=[message for one in chat.messages for message in write_message(one)],
        stream=True if chat.stream else None,
        tools=[_tool(tool) for tool in _usable(chat)] or None,
        strict_tools=_strict(chat.tools),
        tool_choice=None if chat.tool_choice is None else CHOICES.get(chat.tool_choice),
        response_format=_format(chat.format),
        max_tokens=chat.max_tokens,
        temperature=chat.temperature,
        p=chat.top_p,
        k=chat.top_k,
        stop_sequences=list(chat.stop) or None,
        seed=chat.seed,
        frequency_penalty=chat.frequency_penalty,
        presence_penalty=chat.presence_penalty,
        logprobs=None if chat.logprobs is None else True,
        thinking=_thinking(chat),
    )


def _usable(chat: Chat) -> Sequence[Tool]:
    """The tools; where one very tool has to be used, it alone, since Cohere has no words but that some has to be."""
    if chat.tool_choice != "tool":
        return chat.tools
    return [tool for tool in chat.tools if tool.name == chat.tool_named]


def _strict(tools: Sequence[Tool]) -> bool | None:
    """Cohere holds to the schemas of all tools or of none."""
    said_of = {tool.strict or None for tool in tools}
    if len(said_of) > 1:
        raise Lacking("cohere has no words for `strict` of some tools and not of others", "strict")
    return True if said_of == {True} else None


def _tool(tool: Tool) -> Json:
    if tool.builtin is not None:
        raise Unsayable(f"cohere has no words for the tool `{tool.name}`")
    schema = tool.schema if tool.schema is not None else {"type": "object", "properties": {}}
    function = said(name=tool.name, description=tool.description, parameters=schema)
    return {"type": "function", "function": function | tool.extra}


def _format(form: Format | None) -> Json | None:
    if form is None:
        return None
    if form.kind == "text":
        return {"type": "text"}
    return {"type": "json_object"} | said(json_schema=form.schema if form.kind == "schema" else None)


def _thinking(chat: Chat) -> Json | None:
    tokens = 0 if chat.effort == "none" else chat.thinking_tokens
    if tokens is None and chat.effort is not None:
        tokens = -1
    extra = group(chat.extra, "thinking")
    if tokens is None:
        return None
    if tokens == 0:
        return {"type": "disabled"} | extra
    return {"type": "enabled"} | said(token_budget=tokens if tokens > 0 else None) | extra


def write_message(message: Message) -> Iterator[Json]:
    """A turn. What tools gave back are messages of their own, wherever they stood in it."""
    refuse(NAME, name=message.name)
    role = "system" if message.role == "developer" else message.role
    held: list[Part] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            yield from _held(role, held, message.extra)
            held = []
            content = _content(part.parts)
            yield {"role": "tool", "tool_call_id": part.id, "content": content} | part.extra
        else:
            held.append(part)
    yield from _held(role, held, message.extra)


def _held(role: str, parts: Sequence[Part], extra: Json) -> Iterator[Json]:
    if role == "assistant":
        kept = [part for part in parts if not (isinstance(part, Thinking) and foreign(part, NAME))]
        yield {"role": role} | write_assistant(kept) | extra
    elif parts:
        yield {"role": role, "content": _content(parts)} | extra


def write_assistant(parts: Sequence[Part], answer: bool = False) -> Json:
    """What the model said. An answer has a list of parts; a call a string where it says it all."""
    plans = [part.text for part in parts if isinstance(part, Thinking) and part.extra.get(ITEM) == PLAN]
    words = [part for part in parts if not isinstance(part, ToolUse) and not _planned(part)]
    uses = [_use(part) for part in parts if isinstance(part, ToolUse)]
    content = [_part(part) for part in words] if answer else _content(words)
    return said(tool_plan="".join(plans) or None, content=content or None, tool_calls=uses or None)


def _planned(part: Part) -> bool:
    return isinstance(part, Thinking) and (part.extra.get(ITEM) == PLAN or not part.text)


def _use(use: ToolUse) -> Json:
    return {"id": use.id, "type": "function", "function": {"name": use.name, "arguments": use.arguments} | use.extra}


def _content(parts: Sequence[Part]) -> Any:
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].extra:
        return parts[0].text
    return [_part(part) for part in parts]


def _part(part: Part) -> Json:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text} | part.extra
    if isinstance(part, Refusal):
        return {"type": "text", "text": part.text}
    if isinstance(part, Thinking):
        return {"type": "thinking", "thinking": part.text} | own(part.extra, ITEM)
    if isinstance(part, Media) and part.kind == "image":
        return {"type": "image_url", "image_url": {"url": url_of(part, NAME)} | part.extra}
    if isinstance(part, Other):
        return part.fields
    kind = part.kind if isinstance(part, Media) else type(part).__name__.lower()
    raise Unsayable(f"cohere has no words for {kind} in a message")
