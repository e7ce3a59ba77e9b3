"""A call of chat completions, read into our words."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from fairlead.apps.hub.calls import (
    Chat,
    Format,
    Json,
    Message,
    Part,
    Refusal,
    Text,
    Tool,
    ToolResult,
    ToolUse,
    Unsayable,
)
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.openai_chat.content import beside, read_content, texts_of
from fairlead.apps.hub.shapes.openai_chat.reasoning import read_reasoning, read_signature
from fairlead.apps.hub.shapes.refusing import ITEM

Role = Literal["system", "developer", "user", "assistant", "tool"]
Choice = Literal["auto", "none", "required", "tool"]
ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
CHOICES: dict[str, Choice] = {"auto": "auto", "none": "none", "required": "required"}


def read_call(body: bytes) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, messages = asked.need("model"), tuple(_message(message) for message in asked.parts("messages"))
    if not messages:
        raise Unsayable("messages should hold one message at least")
    stream, stream_usage, options = _stream(asked)
    choice, named, other = _choice(asked.any("tool_choice"))
    most, legacy = _most(asked)
    return Chat(
        model=model,
        messages=messages,
        stream=stream,
        stream_usage=stream_usage,
        tools=tuple(_tool(tool) for tool in asked.parts("tools")),
        tool_choice=choice,
        tool_named=named,
        parallel_tools=asked.flag("parallel_tool_calls"),
        format=_format(asked.part("response_format")),
        max_tokens=most,
        temperature=asked.number("temperature"),
        top_p=asked.number("top_p"),
        top_k=asked.whole("top_k"),
        stop=asked.texts("stop"),
        seed=asked.whole("seed"),
        count=count if (count := asked.whole("n")) is not None else 1,
        frequency_penalty=asked.number("frequency_penalty"),
        presence_penalty=asked.number("presence_penalty"),
        logprobs=_logprobs(asked),
        effort=asked.text("reasoning_effort"),
        user=asked.text("user"),
        tier=asked.text("service_tier"),
        metadata=metadata(asked),
        protocol="openai_chat",
        extra=asked.rest() | options | other | legacy,
    )


def metadata(asked: Fields) -> dict[str, str]:
    """The caller's own names and values."""
    found = asked.json("metadata") or {}
    if not all(isinstance(value, str) for value in found.values()):
        raise Unsayable("metadata should hold strings")
    return found


def _stream(asked: Fields) -> tuple[bool, bool, Json]:
    """Whether it streams, whether with usage, and the other options."""
    options = asked.part("stream_options")
    usage = options.flag("include_usage") if options else None
    rest = options.rest() if options else None
    return asked.flag("stream") or False, usage or False, {"stream_options": rest} if rest else {}


def _most(asked: Fields) -> tuple[int | None, Json]:
    """The limit of the answer, and a note that its older name was used."""
    older, newer = asked.whole("max_tokens"), asked.whole("max_completion_tokens")
    if newer is not None:
        return newer, {}
    return older, {ITEM: "max_tokens"} if older is not None else {}


def _logprobs(asked: Fields) -> int | None:
    wanted, most = asked.flag("logprobs"), asked.whole("top_logprobs")
    if not wanted and most is not None:
        raise Unsayable("top_logprobs needs logprobs")
    return (most or 0) if wanted else None


def _choice(value: object) -> tuple[Choice | None, str | None, Json]:
    if value is None:
        return None, None, {}
    if isinstance(value, str):
        if value not in CHOICES:
            raise Unsayable(f"tool_choice should be one of {', '.join(CHOICES)}, or name a tool")
        return CHOICES[value], None, {}
    choice = Fields(value, "tool_choice")
    if choice.text("type") == "function" and (function := choice.part("function")):
        return "tool", function.need("name"), {}
    return None, None, {"tool_choice": value}


def _tool(tool: Fields) -> Tool:
    if (kind := tool.need("type")) != "function":
        whole = {"type": kind, **tool.rest()}
        named = tool.json(kind) or {}
        return Tool(name=str(named.get("name", kind)), builtin=whole)
    if (function := tool.part("function")) is None:
        raise Unsayable(f"{tool.at('function')} is missing")
    return Tool(
        name=function.need("name"),
        description=function.text("description"),
        schema=function.json("parameters"),
        strict=function.flag("strict"),
        cache=tool.json("cache_control"),
        extra=beside(function, tool),
    )


def _format(wanted: Fields | None) -> Format | None:
    if wanted is None:
        return None
    kind = wanted.need("type")
    if kind == "text":
        return Format("text")
    if kind == "json_object":
        return Format("json")
    if kind != "json_schema" or (schema := wanted.part("json_schema")) is None:
        raise Unsayable("response_format.type should be text, json_object or json_schema (with it)")
    return Format(
        "schema",
        name=schema.text("name"),
        schema=schema.json("schema"),
        strict=schema.flag("strict"),
        description=schema.text("description"),
    )


def _message(message: Fields) -> Message:
    role = message.need("role")
    if role not in ROLES:
        raise Unsayable(f"{message.at('role')} should be one of {', '.join(ROLES)}, found {role[:40]}")
    if role == "tool":
        return _result(message)
    parts = read_assistant(message) if role == "assistant" else tuple(read_content(message))
    return Message(role=ROLES[role], parts=parts, name=message.text("name"), extra=message.rest())


def _result(message: Fields) -> Message:
    id, cache = message.need("tool_call_id"), message.json("cache_control")
    result = ToolResult(id, texts_of(message), name=message.text("name"), cache=cache, extra=message.rest())
    return Message(role="tool", parts=(result,))


def read_assistant(message: Fields) -> tuple[Part, ...]:
    """What the model said: its reasoning, its words, its refusal and the tools that it asks for, in this order."""
    parts: list[Part] = [*read_reasoning(message), *read_content(message)]
    if (signature := read_signature(message)) is not None:
        last = parts[-1] if parts else None
        parts[len(parts) - isinstance(last, Text) :] = [_signed(last, signature)]
    if (refusal := message.text("refusal")) is not None:
        parts.append(Refusal(refusal))
    return (*parts, *(read_tool_use(use) for use in message.parts("tool_calls")))


def _signed(last: Part | None, signature: str) -> Text:
    return replace(last, signature=signature) if isinstance(last, Text) else Text("", signature=signature)


def read_tool_use(use: Fields) -> ToolUse:
    """One call of a tool."""
    kind = use.text("type") or "function"
    if kind not in ("function", "custom") or (called := use.part(kind)) is None:
        raise Unsayable(f"{use.where} should be a call of a function or of a custom tool")
    arguments = called.need("input") if kind == "custom" else called.text("arguments") or ""
    use.any("index")  # its place in a stream
    return ToolUse(
        id=use.text("id") or "",
        name=called.need("name"),
        arguments=arguments,
        cache=use.json("cache_control"),
        signature=read_signature(use),
        extra=({"type": kind} if kind == "custom" else {}) | beside(called, use),
    )
