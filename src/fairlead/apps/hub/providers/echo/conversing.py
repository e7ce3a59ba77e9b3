"""What the echo answers in a conversation: the last words it was told, in the form that was asked for."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Delta,
    Finish,
    Media,
    Message,
    Part,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Usage,
)
from fairlead.apps.hub.providers.echo import tokens
from fairlead.apps.hub.providers.echo.fitting import fitting
from fairlead.apps.hub.providers.echo.wishes import Wishes
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.folding import told

SEAL = "ZWNobw=="
"""The signature of its thoughts."""
MOST_PREFIXES = 10_000


class Memory:
    """Prompts that it was told before, up to each message; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def cached(self, chat: Chat) -> int:
        """How many tokens of the prompt it knew; now it knows them all."""
        sum_so_far, known, whole = 0, 0, hashlib.sha256(chat.model.encode())
        for message in chat.messages:
            whole.update(repr(message).encode())
            sum_so_far += tokens.of_message(message)
            if (mark := whole.digest()) in self._known:
                known = sum_so_far
            self._known[mark] = None
        while len(self._known) > MOST_PREFIXES:
            self._known.popitem(last=False)
        return known


def answered(chat: Chat, wishes: Wishes, memory: Memory, number: int, now: int) -> Reply:
    """The whole answer; `number` is that of the request, for its id, `now` in seconds since 1970."""
    usage = Usage(input=tokens.of_chat(chat), cached=memory.cached(chat) if wishes.cached else 0)
    reply = Reply(id=f"echo-{number}", model=chat.model, choices=(), usage=usage, created=now)
    if chat.counting:
        return reply
    choice = _choice(chat, wishes)
    usage.output = chat.count * sum(tokens.of_part(part) for part in choice.parts)
    usage.reasoning = chat.count * sum(tokens.of_part(part) for part in choice.parts if isinstance(part, Thinking))
    return replace(reply, choices=(choice,) * chat.count)


def _choice(chat: Chat, wishes: Wishes) -> Choice:
    parts: list[Part] = [_thoughts(chat)] if _thinks(chat, wishes) else []
    if (tool := _tool(chat, wishes)) is not None:
        return Choice((*parts, _use(chat, tool)), "tools")
    text, finish = _bounded(chat, _text(chat, wishes))
    logprobs = None if chat.logprobs is None else [_logprob(token, chat.logprobs) for token in tokens.tokens_of(text)]
    return Choice((*parts, Text(text)), finish, logprobs)


def _text(chat: Chat, wishes: Wishes) -> str:
    """The last words; or a value that fits; or as many tokens as wished."""
    words = heard(chat)
    if chat.format is not None and chat.format.kind != "text":
        shown = fitting(chat.format.schema, words) if chat.format.schema else {"echo": words}
        return encoded(shown).decode()
    if wishes.tokens is None:
        return words
    return "".join(islice(cycle(tokens.tokens_of(words) or ["echo"]), wishes.tokens))


def heard(chat: Chat) -> str:
    """What the last message says, images and the like by their kind and size."""
    said = [_heard(part) for part in chat.messages[-1].parts] if chat.messages else []
    return " ".join(piece for piece in said if piece) or "echo"


def _heard(part: Part) -> str:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, ToolResult):
        return " ".join(_heard(inner) for inner in part.parts)
    if isinstance(part, Media):
        size = "" if part.data is None else f" of {len(part.data.rstrip('=')) * 3 // 4} bytes"
        return f"[{part.mime or part.kind}{size}{' by URL' if part.url else ''}]"
    return ""


def _bounded(chat: Chat, text: str) -> tuple[str, Finish]:
    """Up to the first stop, and no longer than allowed."""
    ends = [found for stop in chat.stop if stop and (found := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    pieces = tokens.tokens_of(text)
    if chat.max_tokens is not None and len(pieces) > chat.max_tokens:
        return "".join(pieces[: chat.max_tokens]), "length"
    return text, "stop"


def _thinks(chat: Chat, wishes: Wishes) -> bool:
    return wishes.think or chat.thinking_tokens not in (None, 0) or chat.effort not in (None, "none")


def _thoughts(chat: Chat) -> Thinking:
    return Thinking(f"They say: {heard(chat)}", signature=SEAL)


def _tool(chat: Chat, wishes: Wishes) -> Tool | None:
    """The tool to use: the one named, or the first, when one has to be."""
    usable = [tool for tool in chat.tools if tool.builtin is None]
    if chat.tool_choice == "tool":
        return next((tool for tool in usable if tool.name == chat.tool_named), None)
    wished = wishes.tool and chat.tool_choice != "none" and not _just_told(chat.messages[-1])
    return usable[0] if usable and (chat.tool_choice == "required" or wished) else None


def _just_told(message: Message) -> bool:
    return any(isinstance(part, ToolResult) for part in message.parts)


def _use(chat: Chat, tool: Tool) -> ToolUse:
    arguments = encoded(fitting(tool.schema, heard(chat)) if tool.schema else {}).decode()
    return ToolUse(id=f"call_echo_{len(chat.messages)}", name=tool.name, arguments=arguments)


def _logprob(token: str, alternatives: int) -> dict[str, object]:
    one: dict[str, object] = {"token": token, "logprob": -0.25, "bytes": list(token.encode())}
    return one | {"top_logprobs": [one] * min(alternatives, 1)}


def streamed(reply: Reply) -> Iterator[tuple[Delta, bool]]:
    """The answer step by step, each with whether it is a token that is waited for. The prompt's usage comes first."""
    for delta in told(reply):
        if delta.reply is not None and reply.usage is not None:
            delta = replace(delta, usage=Usage(input=reply.usage.input, cached=reply.usage.cached))
        if delta.text is None:
            yield delta, False
            continue
        for piece in tokens.tokens_of(delta.text):
            yield Delta(index=delta.index, part=delta.part, text=piece), True
        if delta.signature is not None:
            yield Delta(index=delta.index, part=delta.part, signature=delta.signature), False
