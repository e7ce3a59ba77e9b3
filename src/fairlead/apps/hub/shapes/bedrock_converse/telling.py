"""A call in our words, written for Converse."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fairlead.apps.hub.calls import Chat, Format, Json, Message, Text, Tool, ToolUse, Unsayable
from fairlead.apps.hub.shapes import Sent
from fairlead.apps.hub.shapes.bedrock_converse.blocks import NAME, POINT, write_blocks
from fairlead.apps.hub.shapes.bedrock_converse.models import of_model
from fairlead.apps.hub.shapes.fields import encoded, said
from fairlead.apps.hub.shapes.refusing import Lacking, refuse, refuse_own, translatable

KIND = {"content-type": "application/json", "accept": "application/json"}
TIERS = ("default", "flex", "priority", "reserved")


def write_call(chat: Chat) -> Sent:
    """The call. Raises `Unsayable` for what Converse has no words for."""
    _refused(chat)
    chat = translatable(chat, NAME)
    method = "converse-stream" if chat.stream else "converse"
    return Sent(f"/model/{quote(chat.model, safe='')}/{method}", KIND, encoded(_body(chat)))


def _refused(chat: Chat) -> None:
    refuse(
        NAME,
        counting=chat.counting or None,
        seed=chat.seed,
        count=chat.count if chat.count != 1 else None,
        frequency_penalty=chat.frequency_penalty or None,
        presence_penalty=chat.presence_penalty or None,
        logprobs=chat.logprobs,
        parallel_tools=False if chat.parallel_tools is False else None,
    )
    refuse_own(chat, NAME, user=chat.user)


def _body(chat: Chat) -> Json:
    ahead = next((number for number, one in enumerate(chat.messages) if not _of_system(one)), len(chat.messages))
    settings = said(
        maxTokens=chat.max_tokens,
        temperature=chat.temperature,
        topP=chat.top_p,
        stopSequences=list(chat.stop) or None,
    )
    return said(
        messages=_turns(chat.messages[ahead:]),
        system=_system(chat.messages[:ahead]) or None,
        inferenceConfig=settings or None,
        toolConfig=_tools(chat),
        outputConfig=_output(chat.format),
        serviceTier=_tier(chat.tier),
        requestMetadata=dict(chat.metadata) or None,
        additionalModelRequestFields=of_model(chat) or None,
    )


def _of_system(message: Message) -> bool:
    return message.role in ("system", "developer")


def _system(messages: Sequence[Message]) -> list[Json]:
    parts = [part for message in messages for part in message.parts]
    if not all(isinstance(part, Text) for part in parts):
        raise Unsayable(f"{NAME} has no words for a prompt of the system that is not of text")
    return list(write_blocks(parts))


def _turns(messages: Sequence[Message]) -> list[Json]:
    """Turns of user and assistant, which have to take turns."""
    turns: list[Json] = []
    for message in messages:
        refuse(NAME, name=message.name)
        if _of_system(message):
            raise Unsayable(f"{NAME} has no words for a message of the system amid a conversation")
        role = "assistant" if message.role == "assistant" else "user"
        content = list(write_blocks(message.parts))
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += content
        else:
            turns.append({"role": role, "content": content})
    return turns


def _tools(chat: Chat) -> Json | None:
    used = any(isinstance(part, ToolUse) for message in chat.messages for part in message.parts)
    if not chat.tools or (chat.tool_choice == "none" and not used):
        return None
    if chat.tool_choice == "none":
        raise Unsayable(f"{NAME} has no words for no tool where tools were used")
    tools = [written for tool in chat.tools for written in _tool(tool)]
    choice = {"required": {"any": {}}, "tool": {"tool": {"name": chat.tool_named}}, "auto": {"auto": {}}}
    return {"tools": tools} | said(toolChoice=choice.get(chat.tool_choice or ""))


def _tool(tool: Tool) -> list[Json]:
    if tool.builtin is not None:
        raise Unsayable(f"{NAME} has no words for `{tool.name}`, a tool that its provider runs")
    schema = tool.schema if tool.schema is not None else {"type": "object", "properties": {}}
    spec = said(name=tool.name, description=tool.description or None, strict=tool.strict or None)
    return [{"toolSpec": spec | {"inputSchema": {"json": schema}}}, *([POINT] if tool.cache is not None else [])]


def _output(wanted: Format | None) -> Json | None:
    if wanted is None or wanted.kind == "text":
        return None
    if wanted.schema is None:
        raise Lacking(f"{NAME} has no words for JSON without a schema", "format")
    schema = said(schema=encoded(wanted.schema).decode(), name=wanted.name, description=wanted.description)
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


def _tier(tier: str | None) -> Json | None:
    if tier is None or tier == "auto":
        return None
    if tier not in TIERS:
        raise Lacking(f"{NAME} has no words for the tier `{tier}`", "tier")
    return {"type": tier}
