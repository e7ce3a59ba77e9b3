"""A call in our words, written for a provider that speaks Anthropic's messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.apps.hub.calls import Chat, Json, Message, Text, Tool, Unsayable
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.anthropic.blocks import NAME, write_content
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.refusing import ITEM, Lacking, group, own, refuse, refuse_own, translatable

VERSION = "2023-06-01"
"""Of the API. 2026-10-21 refuses temperature, top_p and top_k, and differs in nothing that is written here."""

MOST_TOKENS = 32_000
"""The limit of an answer for which none was said: the least that a Claude of the fourth generation and later writes."""

MOST_TOKENS_BEFORE = 4_096
"""The same for those of the third generation."""

CHOICES = {"auto": "auto", "none": "none", "required": "any", "tool": "tool"}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
TIERS = {"auto": "auto", "default": "standard_only"}
COUNTED = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config")
"""What count_tokens takes."""


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what messages have no words for."""
    _refused(chat)
    chat = translatable(chat, NAME)
    body = _settings(chat)
    headers = {"content-type": "application/json", "anthropic-version": VERSION}
    if ITEM in chat.extra:
        headers["anthropic-beta"] = chat.extra[ITEM]
    body |= own(chat.extra, ITEM, "thinking", "output_config", "metadata", "tool_choice")
    if chat.counting:
        body = {name: value for name, value in body.items() if name in COUNTED or name in chat.extra}
        return Sent("/v1/messages/count_tokens", headers, encoded(body))
    return Sent("/v1/messages", headers, encoded(body))


def _refused(chat: Chat) -> None:
    refuse(
        NAME,
        seed=chat.seed,
        count=chat.count if chat.count != 1 else None,
        frequency_penalty=chat.frequency_penalty or None,
        presence_penalty=chat.presence_penalty or None,
        logprobs=chat.logprobs,
        temperature_above_1=chat.temperature if chat.temperature is not None and chat.temperature > 1 else None,
    )
    refuse_own(chat, NAME, metadata=chat.metadata or None)


def _settings(chat: Chat) -> Json:
    ahead = _ahead(chat.messages)
    return said(
        model=chat.model,
        max_tokens=_most(chat),
        system=_system(chat.messages[:ahead]),
        messages=_messages(chat.messages[ahead:]),
        stream=True if chat.stream else None,
        tools=[_tool(tool) for tool in chat.tools] or None,
        tool_choice=_choice(chat),
        thinking=_thinking(chat),
        output_config=_output(chat),
        temperature=chat.temperature,
        top_p=chat.top_p,
        top_k=chat.top_k,
        stop_sequences=list(chat.stop) or None,
        metadata=(said(user_id=chat.user) | group(chat.extra, "metadata")) or None,
        service_tier=_tier(chat.tier),
    )


def _most(chat: Chat) -> int:
    """The limit of the answer, which has to be said; the tokens for thinking count towards it."""
    if chat.max_tokens is not None:
        return chat.max_tokens
    return (MOST_TOKENS_BEFORE if "claude-3" in chat.model else MOST_TOKENS) + max(chat.thinking_tokens or 0, 0)


def _ahead(messages: Sequence[Message]) -> int:
    """How many messages of the system stand before all others."""
    return next((number for number, one in enumerate(messages) if not _of_system(one)), len(messages))


def _of_system(message: Message) -> bool:
    return message.role in ("system", "developer")


def _system(messages: Sequence[Message]) -> Any:
    for message in messages:
        refuse(NAME, name=message.name)
    parts = [part for message in messages for part in message.parts]
    if not all(isinstance(part, Text) for part in parts):
        raise Unsayable("anthropic has no words for a prompt of the system that is not of text")
    return _shortest(write_content(parts)) if parts else None


def _shortest(content: list[Json]) -> Any:
    """A string for one block of text and nothing else."""
    return content[0]["text"] if len(content) == 1 and content[0].keys() == {"type", "text"} else content


def _messages(messages: Sequence[Message]) -> list[Json]:
    """The turns. What tools gave back has to stand in one turn of the user, before its words."""
    turns: list[Json] = []
    after_tools = False
    for message in messages:
        refuse(NAME, name=message.name)
        content = write_content(message.parts)
        if after_tools and message.role in ("tool", "user"):
            turns[-1]["content"] += content
        elif content or message.role == "user":
            role = {"tool": "user", "developer": "system"}.get(message.role, message.role)
            turns.append({"role": role, "content": content} | message.extra)
        after_tools = message.role == "tool"
    for turn in turns:
        turn["content"] = _shortest(turn["content"])
    return turns


def _tool(tool: Tool) -> Json:
    if tool.builtin is not None:
        return tool.builtin
    schema = tool.schema if tool.schema is not None else {"type": "object", "properties": {}}
    cache = None if tool.cache is None or "mode" in tool.cache else tool.cache
    whole = said(name=tool.name, description=tool.description, input_schema=schema, strict=tool.strict)
    return whole | said(cache_control=cache) | tool.extra


def _choice(chat: Chat) -> Json | None:
    parallel, kind = chat.parallel_tools, chat.tool_choice
    if kind is None:
        kind = "auto" if parallel is False and chat.tools else None
    if kind is None:
        return None
    choice: Json = {"type": CHOICES[kind]} | said(name=chat.tool_named if kind == "tool" else None)
    if parallel is not None and kind != "none":
        choice["disable_parallel_tool_use"] = not parallel
    return choice | group(chat.extra, "tool_choice")


def _thinking(chat: Chat) -> Json | None:
    tokens, extra = chat.thinking_tokens, group(chat.extra, "thinking")
    if tokens is None and chat.effort == "none":
        tokens = 0
    shown = said(display=None if chat.thinking_shown is None else "summarized" if chat.thinking_shown else "omitted")
    if tokens is None:
        kind = {"type": "adaptive"} if shown and "type" not in extra else {}
        return (kind | shown | extra) or None
    if tokens == 0:
        return {"type": "disabled"} | extra
    budget = {"type": "adaptive"} if tokens < 0 else {"type": "enabled", "budget_tokens": tokens}
    return budget | shown | extra


def _output(chat: Chat) -> Json | None:
    effort = None if chat.effort == "none" else chat.effort
    if effort is not None and effort not in EFFORTS and chat.protocol not in ("", NAME):
        raise Lacking(f"anthropic has no words for the effort `{effort}`", "effort")
    form = None
    if chat.format is not None and chat.format.kind == "json":
        raise Lacking("anthropic has no words for JSON without a schema", "format")
    if chat.format is not None and chat.format.kind == "schema":
        form = {"type": "json_schema", "schema": chat.format.schema or {}}
    return (said(effort=effort, format=form) | group(chat.extra, "output_config")) or None


def _tier(tier: str | None) -> str | None:
    if tier is not None and tier not in TIERS:
        raise Lacking(f"anthropic has no words for the tier `{tier}`", "tier")
    return None if tier is None else TIERS[tier]
