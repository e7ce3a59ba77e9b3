"""A call of Gemini's generateContent, streamGenerateContent or countTokens, read into our words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from fairlead.apps.hub.calls import Chat, Format, Json, Message, Tool, Unsayable
from fairlead.apps.hub.shapes.fields import decoded
from fairlead.apps.hub.shapes.gemini.parts import Calls, read_part
from fairlead.apps.hub.shapes.gemini.proto import NAME, Proto, model_of
from fairlead.apps.hub.shapes.gemini.schemas import json_schema

Choice = Literal["auto", "none", "required", "tool"]
MODES: dict[str, Choice] = {"AUTO": "auto", "VALIDATED": "auto", "ANY": "required", "NONE": "none"}
TIERS = {"standard": "default", "flex": "flex", "priority": "priority"}


def read_call(path: bytes, body: bytes) -> Chat:
    """The whole call. Raises `Unsayable`."""
    model, method, events = model_of(path)
    asked = Proto(decoded(body))
    if method == "countTokens" and (inner := asked.part("generateContentRequest")) is not None:
        asked = inner
        asked.any("model")
    stream = method == "streamGenerateContent"
    chat = _configured(asked, Chat(model=model, messages=(), stream=stream, stream_usage=True, protocol=NAME))
    calls = Calls()
    system = _system(asked)
    messages = tuple(_content(content, calls) for content in asked.parts("contents"))
    tools = tuple(tool for one in asked.parts("tools") for tool in _tools(one))
    choice, named, valid, extra = _choice(asked.part("toolConfig"))
    if valid:
        tools = tuple(replace(tool, strict=True) if tool.builtin is None else tool for tool in tools)
    tier = asked.text("serviceTier")
    return replace(
        chat,
        messages=(*system, *messages),
        tools=tools,
        tool_choice=choice,
        tool_named=named,
        tier=TIERS.get(tier or "", tier),
        counting=method == "countTokens",
        array=stream and not events,
        extra=chat.extra | asked.rest() | extra,
    )


def _system(asked: Proto) -> tuple[Message, ...]:
    content = asked.part("systemInstruction")
    if content is None:
        return ()
    content.any("role")
    return (Message(role="system", parts=tuple(read_part(part, Calls()) for part in content.parts("parts"))),)


def _content(content: Proto, calls: Calls) -> Message:
    role = content.text("role") or "user"
    if role not in ("user", "model", "function"):
        raise Unsayable(f"{content.at('role')} should be user or model, found {role[:40]}")
    parts = tuple(read_part(part, calls) for part in content.parts("parts"))
    return Message(role="assistant" if role == "model" else "user", parts=parts, extra=content.rest())


def _tools(tools: Proto) -> list[Tool]:
    """The functions of the caller, and the tools that Google runs, as they are."""
    declared = [_function(function) for function in tools.parts("functionDeclarations")]
    return declared + [Tool(name=name, builtin={name: value}) for name, value in tools.rest().items()]


def _function(function: Proto) -> Tool:
    schema, own = function.json("parametersJsonSchema"), function.json("parameters")
    return Tool(
        name=function.need("name"),
        description=function.text("description"),
        schema=schema if schema is not None else json_schema(own),
        extra=function.rest(),
    )


def _choice(config: Proto | None) -> tuple[Choice | None, str | None, bool, Json]:
    """Which tools, the one named, whether their schemas are held to, and what else was said."""
    calling = config.part("functionCallingConfig") if config is not None else None
    rest = config.rest() if config is not None else {}
    extra: Json = {"toolConfig": rest} if rest else {}
    if calling is None:
        return None, None, False, extra
    mode, names = calling.text("mode"), calling.texts("allowedFunctionNames")
    alone = mode == "ANY" and len(names) == 1
    more = calling.rest() | ({"allowedFunctionNames": list(names)} if names and not alone else {})
    if more:
        extra = {"toolConfig": rest | {"functionCallingConfig": more}}
    if mode in (None, "MODE_UNSPECIFIED"):
        return None, None, False, extra
    if mode not in MODES:
        raise Unsayable(f"functionCallingConfig.mode should be one of {', '.join(MODES)}, found {mode[:40]}")
    if alone:
        return "tool", names[0], False, extra
    return MODES[mode], None, mode == "VALIDATED", extra


def _configured(asked: Proto, chat: Chat) -> Chat:
    """What `generationConfig` says."""
    config = asked.part("generationConfig")
    if config is None:
        return chat
    effort, budget, shown, thinking = _thinking(config.part("thinkingConfig"))
    form, mime = _format(config)
    logprobs = _logprobs(config)
    chat = replace(
        chat,
        format=form,
        max_tokens=config.whole("maxOutputTokens"),
        temperature=config.number("temperature"),
        top_p=config.number("topP"),
        top_k=config.whole("topK"),
        stop=config.texts("stopSequences"),
        seed=config.whole("seed"),
        count=config.whole("candidateCount") or 1,
        frequency_penalty=config.number("frequencyPenalty"),
        presence_penalty=config.number("presencePenalty"),
        logprobs=logprobs,
        effort=effort,
        thinking_tokens=budget,
        thinking_shown=shown,
    )
    rest = config.rest() | thinking | mime
    return replace(chat, extra={"generationConfig": rest}) if rest else chat


def _logprobs(config: Proto) -> int | None:
    wanted, most = config.flag("responseLogprobs"), config.whole("logprobs")
    return (most or 0) if wanted else None


def _thinking(thinking: Proto | None) -> tuple[str | None, int | None, bool | None, Json]:
    if thinking is None:
        return None, None, None, {}
    level, budget, shown = (
        thinking.text("thinkingLevel"),
        thinking.whole("thinkingBudget"),
        thinking.flag("includeThoughts"),
    )
    effort = None if level in (None, "THINKING_LEVEL_UNSPECIFIED") else level.lower()
    rest = thinking.rest()
    return effort, budget, shown, {"thinkingConfig": rest} if rest else {}


def _format(config: Proto) -> tuple[Format | None, Json]:
    """The form of the answer; of another type than text and JSON as it is."""
    mime, schema = config.text("responseMimeType"), config.any("responseJsonSchema")
    own: Any = config.any("responseSchema")
    schema = schema if schema is not None else json_schema(own)
    if mime == "application/json":
        if schema is None:
            return Format("json"), {}
        if not isinstance(schema, dict):
            raise Unsayable("generationConfig.responseJsonSchema should be an object")
        return Format("schema", schema=schema), {}
    if schema is not None:
        return None, {"responseSchema": own} | ({} if mime is None else {"responseMimeType": mime})
    if mime == "text/plain":
        return Format("text"), {}
    return None, {} if mime is None else {"responseMimeType": mime}
