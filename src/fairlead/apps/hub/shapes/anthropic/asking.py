"""A call of Anthropic's messages, or of its count_tokens, read into our words."""

from __future__ import annotations

from typing import Literal

from fairlead.apps.hub.calls import Chat, Format, Json, Message, Text, Tool, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.anthropic.blocks import read_content
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.refusing import ITEM

Choice = Literal["auto", "none", "required", "tool"]
CHOICES: dict[str, Choice] = {
    "auto": "auto",
    "none": "none",
    "any": "required",
    "tool": "tool",
}
ROLES: dict[str, Literal["user", "assistant", "system"]] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
}
TIERS = {"auto": "auto", "standard_only": "default"}


def read_call(headers: Headers, body: bytes, counting: bool) -> Chat:
    """The whole call. Raises `Unsayable`."""
    asked = Fields(decoded(body))
    model, system = asked.need("model"), _system(asked)
    messages = tuple(_message(message) for message in asked.parts("messages"))
    choice, named, parallel, choice_extra = _choice(asked.part("tool_choice"))
    thinking, shown, thinking_extra = _thinking(asked.part("thinking"))
    effort, form, output_extra = _output(asked.part("output_config"))
    user, metadata_extra = _user(asked.part("metadata"))
    tier, tier_extra = _tier(asked.text("service_tier"))
    return Chat(
        model=model,
        messages=(*system, *messages),
        stream=asked.flag("stream") or False,
        stream_usage=True,
        tools=tuple(_tool(tool) for tool in asked.parts("tools")),
        tool_choice=choice,
        tool_named=named,
        parallel_tools=parallel,
        format=form,
        max_tokens=asked.whole("max_tokens"),
        temperature=asked.number("temperature"),
        top_p=asked.number("top_p"),
        top_k=asked.whole("top_k"),
        stop=asked.texts("stop_sequences"),
        effort=effort,
        thinking_tokens=thinking,
        thinking_shown=shown,
        user=user,
        tier=tier,
        counting=counting,
        protocol="anthropic",
        extra=asked.rest()
        | choice_extra
        | thinking_extra
        | output_extra
        | metadata_extra
        | tier_extra
        | _betas(headers),
    )


def _system(asked: Fields) -> tuple[Message, ...]:
    """The prompt of the system, a string or blocks of text, as the first message."""
    blocks = read_content(asked, "system")
    if not all(isinstance(block, Text) for block in blocks):
        raise Unsayable("system should be of text")
    return (Message(role="system", parts=blocks),) if blocks else ()


def _message(message: Fields) -> Message:
    role = message.need("role")
    if role not in ROLES:
        raise Unsayable(f"{message.at('role')} should be one of {', '.join(ROLES)}, found {role[:40]}")
    parts = read_content(message, "content")
    return Message(role=ROLES[role], parts=parts, extra=message.rest())


def _tool(tool: Fields) -> Tool:
    """A tool of the caller, or one that Anthropic runs or defines, as it is."""
    kind = tool.text("type")
    if kind not in (None, "custom"):
        whole = {"type": kind, **tool.rest()}
        return Tool(name=str(whole.get("name", kind)), builtin=whole)
    return Tool(
        name=tool.need("name"),
        description=tool.text("description"),
        schema=tool.json("input_schema"),
        strict=tool.flag("strict"),
        cache=tool.json("cache_control"),
        extra=tool.rest(),
    )


def _choice(choice: Fields | None) -> tuple[Choice | None, str | None, bool | None, Json]:
    """Which tools, the one named, whether several at once, and what else was said."""
    if choice is None:
        return None, None, None, {}
    kind = choice.need("type")
    if kind not in CHOICES:
        raise Unsayable(f"tool_choice.type should be one of {', '.join(CHOICES)}, found {kind[:40]}")
    alone = choice.flag("disable_parallel_tool_use")
    named = choice.need("name") if kind == "tool" else None
    rest = choice.rest()
    return CHOICES[kind], named, None if alone is None else not alone, {"tool_choice": rest} if rest else {}


def _thinking(thinking: Fields | None) -> tuple[int | None, bool | None, Json]:
    """Tokens for it, whether it is shown, and what else was said."""
    if thinking is None:
        return None, None, {}
    kind, budget, display = thinking.need("type"), thinking.whole("budget_tokens"), thinking.text("display")
    shown = None if display is None else display != "omitted"
    rest = thinking.rest()
    if kind == "enabled" and budget is None:
        raise Unsayable("thinking.budget_tokens is missing")
    tokens = {"enabled": budget, "disabled": 0, "adaptive": -1}.get(kind)
    if tokens is None:
        rest |= {"type": kind} | ({} if budget is None else {"budget_tokens": budget})
    return tokens, shown, {"thinking": rest} if rest else {}


def _output(config: Fields | None) -> tuple[str | None, Format | None, Json]:
    """How much effort, in which form, and what else was said."""
    if config is None:
        return None, None, {}
    effort, form = config.text("effort"), config.part("format")
    wanted = None
    if form is not None:
        if (kind := form.need("type")) != "json_schema":
            raise Unsayable(f"output_config.format.type should be json_schema, found {kind[:40]}")
        wanted = Format("schema", schema=form.json("schema"))
    rest = config.rest()
    return effort, wanted, {"output_config": rest} if rest else {}


def _user(metadata: Fields | None) -> tuple[str | None, Json]:
    if metadata is None:
        return None, {}
    user, rest = metadata.text("user_id"), metadata.rest()
    return user, {"metadata": rest} if rest else {}


def _betas(headers: Headers) -> Json:
    """The betas that the client asks for, said again to Anthropic; what they allow stands in the body."""
    betas = headers.get(b"anthropic-beta")
    return {} if betas is None else {ITEM: betas.decode("latin-1")}


def _tier(tier: str | None) -> tuple[str | None, Json]:
    return TIERS.get(tier or ""), {} if tier is None or tier in TIERS else {"service_tier": tier}
