"""Answers of Converse and of ConverseStream."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Delta,
    Failure,
    Finish,
    Part,
    Reply,
    Text,
    Thinking,
    ToolUse,
    Unsayable,
    Usage,
)
from fairlead.apps.hub.shapes import Headers, aws
from fairlead.apps.hub.shapes.bedrock_converse.blocks import NAME, read_block
from fairlead.apps.hub.shapes.eventstream import Frames
from fairlead.apps.hub.shapes.fields import Fields, decoded
from fairlead.apps.hub.shapes.reading import NOT_WHOLE

REASONS: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tools",
    "guardrail_intervened": "filtered",
    "content_filtered": "filtered",
}
REQUEST = b"x-amzn-requestid"


class _Written(msgspec.Struct, rename="camel"):
    input_tokens: int = 0
    ttl: str = ""


class _Usage(msgspec.Struct, rename="camel"):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    cache_details: list[_Written] | None = None


class _Body(msgspec.Struct):
    usage: _Usage | None = None


_DECODER = msgspec.json.Decoder(_Body)


def usage_in(body: bytes) -> Usage | None:
    """What is reported; the input without what was read from and written to the cache."""
    try:
        told = _DECODER.decode(body).usage
    except (msgspec.MsgspecError, RecursionError):
        return None
    if told is None:
        return None
    cached, written = told.cache_read_input_tokens or 0, told.cache_write_input_tokens or 0
    hour = sum(one.input_tokens for one in told.cache_details or () if one.ttl == "1h")
    whole = told.input_tokens + cached + written
    return Usage(input=whole, output=told.output_tokens, cached=cached, written=written, written_hour=hour)


def read_reply(call: Chat, headers: Headers, body: bytes) -> Reply:
    """A whole answer. Raises `Unsayable`."""
    answer = Fields(decoded(body))
    message = (answer.part("output") or Fields({})).part("message")
    if message is None:
        raise Unsayable("output.message is missing")
    parts = tuple(read_block(block) for block in message.parts("content"))
    choice = Choice(parts, _finish(answer.text("stopReason")))
    return Reply(_id(headers), call.model, (choice,), usage_in(body), protocol=NAME)


def _id(headers: Headers) -> str:
    return headers.get(REQUEST, b"").decode("latin-1")


def _finish(reason: str | None) -> Finish:
    return REASONS.get(reason or "end_turn", "error")


class MessageReader:
    """Reads the messages of ConverseStream."""

    def __init__(self, call: Chat) -> None:
        self._model = call.model
        self._frames = Frames()
        self._begun: dict[int, type[Part]] = {}
        self._stopped = False
        self._broken = False

    def feed(self, data: bytes) -> Sequence[Delta | Failure]:
        """What the piece completed; nothing after a failure."""
        found: list[Delta | Failure] = []
        try:
            for headers, payload in () if self._broken else self._frames.feed(data):
                failure = aws.read_exception(headers, payload)
                found += [failure] if failure is not None else self._read(headers.get(":event-type", ""), payload)
                if failure is not None:
                    break
        except Unsayable as error:
            found.append(Failure("provider", f"the provider's stream can't be read: {error}", 502))
        self._broken = self._broken or any(isinstance(one, Failure) for one in found)
        return found

    def close(self) -> Sequence[Delta | Failure]:
        """A failure when the end was not told."""
        if self._broken or (self._stopped and self._frames.whole):
            return ()
        return (Failure("provider", NOT_WHOLE, 502),)

    def _read(self, kind: str, payload: bytes) -> list[Delta]:
        event = Fields(decoded(payload, "a message of the stream"), kind)
        part = event.whole("contentBlockIndex") or 0
        if kind == "messageStart":
            return [Delta(reply=Reply("", self._model, (), protocol=NAME))]
        if kind == "contentBlockStart":
            return self._start(part, event.part("start") or Fields({}))
        if kind == "contentBlockDelta":
            return self._more(part, event.part("delta") or Fields({}))
        if kind == "messageStop":
            self._stopped = True
            return [Delta(finish=_finish(event.text("stopReason")))]
        usage = usage_in(payload) if kind == "metadata" else None
        return [] if usage is None else [Delta(usage=usage)]

    def _start(self, part: int, start: Fields) -> list[Delta]:
        use = start.part("toolUse")
        return [] if use is None else self._begin(part, ToolUse(use.need("toolUseId"), use.need("name"), ""))

    def _begin(self, part: int, begins: Part) -> list[Delta]:
        """A part begins with its first piece, as only tools are announced."""
        if part in self._begun:
            return []
        self._begun[part] = type(begins)
        return [Delta(part=part, begins=begins)]

    def _more(self, part: int, delta: Fields) -> list[Delta]:
        if (use := delta.part("toolUse")) is not None:
            return [Delta(part=part, text=use.text("input") or "")]
        if (thought := delta.part("reasoningContent")) is not None:
            return self._thought(part, thought)
        if (text := delta.text("text")) is None:
            return []
        return [*self._begin(part, Text("")), Delta(part=part, text=text)]

    def _thought(self, part: int, thought: Fields) -> list[Delta]:
        if (sealed := thought.text("redactedContent")) is not None:
            return self._begin(part, Thinking(sealed=sealed, origin=NAME))
        begins = self._begin(part, Thinking(origin=NAME))
        return [*begins, Delta(part=part, text=thought.text("text"), signature=thought.text("signature"))]
