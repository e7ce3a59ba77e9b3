"""A call of OpenAI's responses, or of the count of its input, read into our words."""

from __future__ import annotations

from typing import Literal

from fairlead.apps.hub.calls import Chat, Format, Json, Message, Text, Tool, Unsayable
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.openai_chat.asking import metadata
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.items import read_items

Choice = Literal["auto", "none", "required", "tool"]
CHOICES: dict[str, Choice] = {"auto": "auto", "none": "none", "required": "required"}
LOGPROBS = "message.output_text.logprobs"
"""What `include` says for them."""


def read_call(body: bytes, counting: bool) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, messages = asked.need("model"), (*_instructions(asked), *_input(asked))
    choice, named, choice_extra = _choice(asked.any("tool_choice"))
    effort, shown, reasoning_extra = _reasoning(asked.part("reasoning"))
    form, text_extra = _text(asked.part("text"))
    logprobs, include = _logprobs(asked)
    return Chat(
        model=model,
        messages=messages,
        stream=asked.flag("stream") or False,
        stream_usage=True,
        tools=tuple(_tool(tool) for tool in asked.parts("tools")),
        tool_choice=choice,
        tool_named=named,
        parallel_tools=asked.flag("parallel_tool_calls"),
        format=form,
        max_tokens=asked.whole("max_output_tokens"),
        temperature=asked.number("temperature"),
        top_p=asked.number("top_p"),
        logprobs=logprobs,
        effort=effort,
        thinking_shown=shown,
        user=asked.text("user"),
        tier=asked.text("service_tier"),
        metadata=metadata(asked),
        counting=counting,
        protocol=NAME,
        extra=asked.rest() | choice_extra | reasoning_extra | text_extra | include,
    )


def _instructions(asked: Fields) -> tuple[Message, ...]:
    text = asked.text("instructions")
    return () if text is None else (Message("system", (Text(text),)),)


def _input(asked: Fields) -> list[Message]:
    given = asked.any("input")
    if given is None:
        return []
    if isinstance(given, str):
        return [Message("user", (Text(given),))]
    if not isinstance(given, list):
        raise Unsayable("input should be a string or a list of items")
    return read_items(Fields(item, f"input[{number}]") for number, item in enumerate(given))


def _choice(value: object) -> tuple[Choice | None, str | None, Json]:
    if value is None:
        return None, None, {}
    if isinstance(value, str):
        if value not in CHOICES:
            raise Unsayable(f"tool_choice should be one of {', '.join(CHOICES)}, or name a tool")
        return CHOICES[value], None, {}
    choice = Fields(value, "tool_choice")
    if choice.text("type") == "function":
        return "tool", choice.need("name"), {}
    return None, None, {"tool_choice": value}


def _reasoning(reasoning: Fields | None) -> tuple[str | None, bool | None, Json]:
    """How much, whether it is told, and what else was said."""
    if reasoning is None:
        return None, None, {}
    effort, summary = reasoning.text("effort"), reasoning.text("summary")
    rest = reasoning.rest() | ({} if summary in (None, "auto") else {"summary": summary})
    return effort, None if summary is None else True, {"reasoning": rest} if rest else {}


def _text(text: Fields | None) -> tuple[Format | None, Json]:
    """The form of the answer, and what else was said of its text."""
    if text is None:
        return None, {}
    form, verbosity = text.part("format"), text.text("verbosity")
    rest = text.rest()
    extra: Json = ({"text": rest} if rest else {}) | ({} if verbosity is None else {"verbosity": verbosity})
    return (None if form is None else _format(form)), extra


def _format(form: Fields) -> Format:
    kind = form.need("type")
    if kind == "text":
        return Format("text")
    if kind == "json_object":
        return Format("json")
    if kind != "json_schema":
        raise Unsayable(f"text.format.type should be text, json_object or json_schema, found {kind[:40]}")
    name, schema, strict = form.text("name"), form.json("schema"), form.flag("strict")
    return Format("schema", name=name, schema=schema, strict=strict, description=form.text("description"))


def _logprobs(asked: Fields) -> tuple[int | None, Json]:
    """How many alternatives, and what else is to be included."""
    most, include = asked.whole("top_logprobs"), list(asked.texts("include"))
    wanted = LOGPROBS in include
    rest = [name for name in include if name != LOGPROBS]
    return (most or 0) if wanted else most or None, {"include": rest} if rest else {}


def _tool(tool: Fields) -> Tool:
    kind = tool.need("type")
    if kind != "function":
        whole = {"type": kind, **tool.rest()}
        return Tool(name=str(whole.get("name", kind)), builtin=whole)
    return Tool(
        name=tool.need("name"),
        description=tool.text("description"),
        schema=tool.json("parameters"),
        strict=tool.flag("strict"),
        extra=tool.rest(),
    )
