"""A call in our words, written for a provider that speaks Gemini's generateContent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fairlead.apps.hub.calls import Chat, Json, Message, Part, Thinking, Tool, ToolUse, Unsayable
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.gemini.parts import NO_SEAL, write_parts
from fairlead.apps.hub.shapes.gemini.proto import NAME, path_of
from fairlead.apps.hub.shapes.refusing import ITEM, Lacking, group, own, refuse, refuse_own, translatable

MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
EFFORTS = ("minimal", "low", "medium", "high", "xhigh")
BUDGETS = {"minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}
"""Tokens for models of the generation 2.5, which know no levels (Google's page on its OpenAI compatibility)."""
TIERS = {"default": "standard", "flex": "flex", "priority": "priority", "auto": None}


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what generateContent has no words for."""
    refuse(NAME, parallel_tools=False if chat.parallel_tools is False else None)
    refuse_own(chat, NAME, user=chat.user, metadata=chat.metadata or None)
    chat = translatable(chat, NAME)
    body = _settings(chat) | own(chat.extra, ITEM, "generationConfig", "toolConfig")
    headers = {"content-type": "application/json"}
    if chat.counting:
        inner = {"model": f"models/{chat.model.removeprefix('models/')}"} | body
        return Sent(path_of(chat.model, "countTokens"), headers, encoded({"generateContentRequest": inner}))
    method = "streamGenerateContent" if chat.stream else "generateContent"
    return Sent(path_of(chat.model, method), headers, encoded(body))


def _settings(chat: Chat) -> Json:
    ahead = next((n for n, one in enumerate(chat.messages) if not _of_system(one)), len(chat.messages))
    return said(
        systemInstruction=_system(chat.messages[:ahead]),
        contents=_contents(chat, chat.messages[ahead:]),
        tools=_tools(chat.tools) or None,
        toolConfig=_choice(chat),
        generationConfig=_config(chat) or None,
        serviceTier=_tier(chat.tier),
    )


def _of_system(message: Message) -> bool:
    return message.role in ("system", "developer")


def _system(messages: Sequence[Message]) -> Json | None:
    for message in messages:
        refuse(NAME, name=message.name)
    parts = [part for message in messages for part in message.parts]
    return {"parts": write_parts(parts, {})} if parts else None


def _contents(chat: Chat, messages: Sequence[Message]) -> list[Json]:
    """The turns. What several tools gave back has to stand in one."""
    turns: list[Json] = []
    names: dict[str, str] = {}
    after_tools = False
    for message in messages:
        refuse(NAME, name=message.name)
        if _of_system(message):
            raise Unsayable("gemini has no words for a message of the system amid a conversation")
        parts = write_parts(_provable(chat, message), names)
        if after_tools and message.role == "tool":
            turns[-1]["parts"] += parts
        elif parts or message.role == "user":
            role = "model" if message.role == "assistant" else "user"
            turns.append({"role": role, "parts": parts or [{"text": ""}]} | message.extra)
        after_tools = message.role == "tool"
    return turns


def _provable(chat: Chat, message: Message) -> Sequence[Part]:
    """The parts of a turn. Models of the generation 3 refuse calls of functions without the seal that came with them;
    for calls that another provider made Google has a word in its place, said with the first of a turn.
    """
    if chat.protocol in ("", NAME) or "gemini-3" not in chat.model or message.role != "assistant":
        return message.parts
    uses = [number for number, part in enumerate(message.parts) if isinstance(part, ToolUse)]
    if not uses or any(_sealed(part) for part in message.parts):
        return message.parts
    parts = list(message.parts)
    first = parts[uses[0]]
    if isinstance(first, ToolUse):
        parts[uses[0]] = replace(first, signature=NO_SEAL)
    return parts


def _sealed(part: Part) -> bool:
    """Whether a part holds a seal of Gemini's own."""
    if isinstance(part, Thinking):
        return part.sealed is not None and part.origin in ("", NAME)
    return isinstance(part, ToolUse) and part.signature is not None


def _tools(tools: Sequence[Tool]) -> list[Json]:
    functions = [_function(tool) for tool in tools if tool.builtin is None]
    return ([{"functionDeclarations": functions}] if functions else []) + [t.builtin for t in tools if t.builtin]


def _function(tool: Tool) -> Json:
    return said(name=tool.name, description=tool.description, parametersJsonSchema=tool.schema) | tool.extra


def _choice(chat: Chat) -> Json | None:
    """Which tools. Gemini holds to the schemas of all of them (VALIDATED, ANY) or of none."""
    extra = group(chat.extra, "toolConfig")
    strict = [tool.strict is True for tool in chat.tools if tool.builtin is None]
    if any(strict) and not all(strict):
        raise Lacking("gemini has no words for `strict` of some tools and not of others", "strict")
    mode = None if chat.tool_choice is None else MODES[chat.tool_choice]
    if any(strict) and mode in (None, "AUTO"):
        mode = "VALIDATED"
    calling = said(mode=mode, allowedFunctionNames=[chat.tool_named] if chat.tool_choice == "tool" else None)
    calling |= group(extra, "functionCallingConfig")
    return (extra | ({"functionCallingConfig": calling} if calling else {})) or None


def _config(chat: Chat) -> Json:
    extra = group(chat.extra, "generationConfig")
    form = chat.format
    json = form is not None and form.kind != "text"
    return said(
        responseMimeType=None if form is None else "application/json" if json else "text/plain",
        responseJsonSchema=form.schema if form is not None and form.kind == "schema" else None,
        maxOutputTokens=chat.max_tokens,
        temperature=chat.temperature,
        topP=chat.top_p,
        topK=chat.top_k,
        stopSequences=list(chat.stop) or None,
        seed=chat.seed,
        candidateCount=chat.count if chat.count != 1 else None,
        frequencyPenalty=chat.frequency_penalty,
        presencePenalty=chat.presence_penalty,
        responseLogprobs=None if chat.logprobs is None else True,
        logprobs=chat.logprobs or None,
        thinkingConfig=(_thinking(chat) | group(extra, "thinkingConfig")) or None,
    ) | own(extra, "thinkingConfig")


def _thinking(chat: Chat) -> Json:
    budget, level, effort = chat.thinking_tokens, None, chat.effort
    if effort == "none":
        budget = 0
    elif effort is not None and budget is not None and chat.protocol not in ("", NAME):
        pass  # the tokens say it more closely, and Google takes one of the two only
    elif effort is not None and chat.protocol not in ("", NAME) and "gemini-2.5" in chat.model:
        budget = BUDGETS.get(effort)
        if budget is None:
            raise Lacking(f"gemini has no words for the effort `{effort}`", "effort")
    elif effort is not None:
        if effort not in EFFORTS and chat.protocol not in ("", NAME):
            raise Lacking(f"gemini has no words for the effort `{effort}`", "effort")
        level = effort.upper()
    return said(includeThoughts=chat.thinking_shown, thinkingBudget=budget, thinkingLevel=level)


def _tier(tier: str | None) -> str | None:
    return None if tier is None else TIERS.get(tier, tier)
