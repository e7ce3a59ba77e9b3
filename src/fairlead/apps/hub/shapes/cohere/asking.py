"""A call of Cohere's chat, read into our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from fairlead.apps.hub.calls import (
    Chat,
    Format,
    Json,
    Media,
    Message,
    Other,
    Part,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.media import at
from fairlead.apps.hub.shapes.refusing import ITEM

NAME = "cohere"
PLAN = "tool_plan"
"""Cohere's own name for what a model thinks before it calls tools."""
ROLES: dict[str, Literal["user", "assistant", "system"]] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
}
CHOICES: dict[str, Literal["none", "required"]] = {"NONE": "none", "REQUIRED": "required"}


def read_call(body: bytes) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, strict = asked.need("model"), asked.flag("strict_tools")
    choice = asked.text("tool_choice")
    if choice is not None and choice not in CHOICES:
        raise Unsayable(f"tool_choice should be REQUIRED or NONE, found {choice[:40]}")
    tokens, thinking = _thinking(asked.part("thinking"))
    return Chat(
        model=model,
        messages=tuple(_message(message) for message in asked.parts("messages")),
        stream=asked.flag("stream") or False,
        stream_usage=True,
        tools=tuple(_tool(tool, strict) for tool in asked.parts("tools")),
        tool_choice=None if choice is None else CHOICES[choice],
        format=_format(asked.part("response_format")),
        max_tokens=asked.whole("max_tokens"),
        temperature=asked.number("temperature"),
        top_p=asked.number("p"),
        top_k=asked.whole("k"),
        stop=asked.texts("stop_sequences"),
        seed=asked.whole("seed"),
        frequency_penalty=asked.number("frequency_penalty"),
        presence_penalty=asked.number("presence_penalty"),
        logprobs=0 if asked.flag("logprobs") else None,
        thinking_tokens=tokens,
        protocol=NAME,
        extra=asked.rest() | thinking,
    )


def _thinking(thinking: Fields | None) -> tuple[int | None, Json]:
    if thinking is None:
        return None, {}
    kind, budget = thinking.need("type"), thinking.whole("token_budget")
    if kind not in ("enabled", "disabled"):
        raise Unsayable(f"thinking.type should be enabled or disabled, found {kind[:40]}")
    tokens = 0 if kind == "disabled" else -1 if budget is None else budget
    rest = thinking.rest()
    return tokens, {"thinking": rest} if rest else {}


def _tool(tool: Fields, strict: bool | None) -> Tool:
    function = tool.part("function")
    if tool.need("type") != "function" or function is None:
        raise Unsayable(f"{tool.where} should be a function")
    name, description, schema = function.need("name"), function.text("description"), function.json("parameters")
    return Tool(name, description, schema, strict, extra=function.rest() | tool.rest())


def _format(form: Fields | None) -> Format | None:
    if form is None:
        return None
    kind, schema = form.need("type"), form.json("json_schema")
    if kind not in ("text", "json_object"):
        raise Unsayable(f"response_format.type should be text or json_object, found {kind[:40]}")
    if kind == "text":
        return Format("text")
    return Format("json") if schema is None else Format("schema", schema=schema)


def _message(message: Fields) -> Message:
    role = message.need("role")
    if role == "tool":
        return Message("tool", (_result(message),))
    if role not in ROLES:
        raise Unsayable(f"{message.at('role')} should be system, user, assistant or tool, found {role[:40]}")
    parts = read_assistant(message) if role == "assistant" else tuple(read_content(message))
    return Message(ROLES[role], parts, extra=message.rest())


def _result(message: Fields) -> ToolResult:
    id, parts = message.need("tool_call_id"), tuple(read_content(message))
    kept = tuple(part for part in parts if isinstance(part, Text | Media | Other))
    return ToolResult(id, kept, extra=message.rest())


def read_assistant(message: Fields) -> tuple[Part, ...]:
    """What the model said: its plan, its thoughts and words, and the tools that it asks for."""
    plan = message.text(PLAN)
    parts: list[Part] = [] if plan is None else [Thinking(plan, origin=NAME, extra={ITEM: PLAN})]
    return (*parts, *read_content(message), *(read_use(use) for use in message.parts("tool_calls")))


def read_use(use: Fields) -> ToolUse:
    """One call of a tool."""
    use.any("type")
    function = use.part("function") or Fields({})
    id, name, arguments = use.need("id"), function.need("name"), function.text("arguments") or ""
    return ToolUse(id, name, arguments, extra=function.rest() | use.rest())


def read_content(message: Fields) -> Iterator[Text | Media | Thinking | Other]:
    """A string or a list of parts."""
    content = message.any("content")
    if isinstance(content, str):
        yield Text(content)
        return
    if content is not None and not isinstance(content, list):
        raise Unsayable(f"{message.at('content')} should be a string or a list of parts")
    for number, part in enumerate(content or ()):
        yield _part(Fields(part, f"{message.at('content')}[{number}]"))


def _part(part: Fields) -> Text | Media | Thinking | Other:
    kind = part.need("type")
    if kind == "text":
        return Text(part.need("text"), extra=part.rest())
    if kind == "thinking":
        return Thinking(part.need("thinking"), origin=NAME, extra=part.rest())
    if kind == "image_url" and (image := part.part("image_url")) is not None:
        found = at(image.need("url"), "image")
        return Media("image", found.mime, found.data, found.url, extra=image.rest() | part.rest())
    return Other(kind, {"type": kind, **part.rest()})
