"""A copy of a conversation with which nothing can be done but to answer it in words.

Tools are taken away, so that no second model acts on anything. What was done with tools before is told in words, since
the rest of the conversation hangs on it. Left out is what a provider would keep, go on with elsewhere or bill otherwise
(extras of the protocol, metadata, the end user, the service tier). A conversation whose beginning only its provider
knows can't be copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fairlead.apps.hub.calls import Chat, Json, Media, Message, Other, Part, Text, Thinking, ToolResult, ToolUse

ELSEWHERE = ("previous_response_id", "conversation", "prompt", "cachedContent")
"""Extras that name a beginning which only the provider has."""


KEPT_NOWHERE: Mapping[str, Json] = {"openai_responses": {"store": False}}
"""What keeps a provider from keeping the answer, where it does so unasked."""


class Uncopied(Exception):
    """This one can't be copied; the message says why, in one word for the metrics."""


def copied(call: Chat, to: str) -> Chat:
    """The same for another model, asked for in one piece. Raises `Uncopied`."""
    if any(call.extra.get(name) for name in ELSEWHERE):
        raise Uncopied("elsewhere")
    messages = tuple(message for one in call.messages if (message := _copied(one)) is not None)
    if not messages:
        raise Uncopied("empty")
    return replace(
        call,
        model=to,
        messages=messages,
        stream=False,
        stream_usage=False,
        array=False,
        tools=(),
        tool_choice=None,
        tool_named=None,
        parallel_tools=None,
        count=1,
        user=None,
        tier=None,
        metadata={},
        extra=KEPT_NOWHERE.get(call.protocol, {}),
    )


def _copied(message: Message) -> Message | None:
    parts = tuple(part for one in message.parts for part in _words(one))
    role = "user" if message.role == "tool" else message.role
    return replace(message, role=role, parts=parts, extra={}) if parts else None


def _words(part: Part) -> Iterator[Part]:
    """A part as far as anybody may read it. Reasoning is left out: what its provider signed is of use to no other."""
    if isinstance(part, Thinking):
        return
    if isinstance(part, Other):
        raise Uncopied("tools")
    if isinstance(part, ToolUse):
        yield Text(f"[used the tool {part.name} with {part.arguments}]")
    elif isinstance(part, ToolResult):
        yield Text(f"[the tool {part.name or part.id} gave back: {_told(part)}]")
        yield from (one for one in part.parts if isinstance(one, Media))
    elif isinstance(part, Text):
        yield replace(part, signature=None, extra=_NOTHING)
    else:
        yield part


def _told(result: ToolResult) -> str:
    if any(isinstance(one, Other) for one in result.parts):
        raise Uncopied("tools")
    return " ".join(one.text for one in result.parts if isinstance(one, Text))


_NOTHING: Json = {}
