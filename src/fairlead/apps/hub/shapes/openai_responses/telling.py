"""A call in our words, written for a provider that speaks OpenAI's responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.apps.hub.calls import Chat, Format, Json, Message, Text, Tool
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.openai.efforts import SHARED, effort_of
from fairlead.apps.hub.shapes.openai_responses.asking import LOGPROBS
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.items import write_messages
from fairlead.apps.hub.shapes.refusing import ITEM, group, own, refuse, translatable

COUNTED = (
    "model",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "reasoning",
    "text",
    "parallel_tool_calls",
    "previous_response_id",
    "conversation",
    "truncation",
)
"""What the count of tokens takes."""


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what responses have no words for."""
    refuse(
        NAME,
        stop=chat.stop or None,
        seed=chat.seed,
        count=chat.count if chat.count != 1 else None,
        top_k=chat.top_k,
        frequency_penalty=chat.frequency_penalty or None,
        presence_penalty=chat.presence_penalty or None,
    )
    lenient = chat.protocol not in ("", NAME)
    chat = translatable(chat, NAME, SHARED if chat.protocol == "openai_chat" else frozenset())
    body = settings(chat, lenient) | own(chat.extra, ITEM, "reasoning", "text", "verbosity", "include")
    headers = {"content-type": "application/json"}
    if chat.counting:
        body = {name: value for name, value in body.items() if name in COUNTED}
        return Sent("/v1/responses/input_tokens", headers, encoded(body))
    return Sent("/v1/responses", headers, encoded(body))


def settings(chat: Chat, lenient: bool) -> Json:
    """The fields of a call. Tools without a word are strict here and nowhere else, which is said (`lenient`)."""
    first = _instructions(chat.messages)
    messages = chat.messages if first is None else chat.messages[1:]
    include = chat.extra.get("include", []) + ([LOGPROBS] if chat.logprobs is not None else [])
    return said(
        model=chat.model,
        instructions=first,
        input=list(write_messages(messages, chat.protocol in ("", NAME))),
        stream=True if chat.stream else None,
        tools=[write_tool(tool, lenient) for tool in chat.tools] or None,
        tool_choice=choice_of(chat),
        parallel_tool_calls=chat.parallel_tools,
        text=text_of(chat) or None,
        max_output_tokens=chat.max_tokens,
        temperature=chat.temperature,
        top_p=chat.top_p,
        top_logprobs=chat.logprobs or None,
        include=include or None,
        reasoning=_reasoning(chat) or None,
        user=chat.user,
        service_tier=chat.tier,
        metadata=dict(chat.metadata) or None,
    )


def _instructions(messages: Sequence[Message]) -> str | None:
    """The first message, when it is of the system and plain text."""
    for message in messages:
        refuse(NAME, name=message.name)
    if not messages or messages[0].role != "system" or messages[0].extra or len(messages[0].parts) != 1:
        return None
    part = messages[0].parts[0]
    return part.text if isinstance(part, Text) and not part.extra and not part.cache else None


def write_tool(tool: Tool, lenient: bool) -> Json:
    """One tool."""
    if tool.builtin is not None:
        return tool.builtin
    strict = False if lenient and tool.strict is None else tool.strict
    whole = said(name=tool.name, description=tool.description, parameters=tool.schema, strict=strict)
    return {"type": "function"} | whole | tool.extra


def choice_of(chat: Chat) -> Any:
    """Which tools."""
    if "tool_choice" in chat.extra:
        return chat.extra["tool_choice"]
    return {"type": "function", "name": chat.tool_named} if chat.tool_choice == "tool" else chat.tool_choice


def text_of(chat: Chat) -> Json:
    """The form of the text."""
    form = None if chat.format is None else _format(chat.format)
    return said(format=form, verbosity=chat.extra.get("verbosity")) | group(chat.extra, "text")


def _format(form: Format) -> Json:
    if form.kind != "schema":
        return {"type": "text" if form.kind == "text" else "json_object"}
    more = said(description=form.description, schema=form.schema, strict=form.strict)
    return {"type": "json_schema", "name": form.name or "answer", **more}


def _reasoning(chat: Chat) -> Json:
    summary = "auto" if chat.thinking_shown else None
    return said(effort=effort_of(chat), summary=summary) | group(chat.extra, "reasoning")
