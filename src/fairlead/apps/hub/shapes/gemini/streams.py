"""Gemini's streams: each event an answer of its own with what is new in it; calls of functions come whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Choice,
    Delta,
    Failure,
    Finish,
    Json,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    ToolUse,
    Usage,
    joined,
)
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.fields import Fields, encoded, said
from fairlead.apps.hub.shapes.gemini.failures import error_of, read_error
from fairlead.apps.hub.shapes.gemini.framing import Framing
from fairlead.apps.hub.shapes.gemini.parts import Calls, read_part, write_parts
from fairlead.apps.hub.shapes.gemini.proto import MADE, NAME, Proto
from fairlead.apps.hub.shapes.gemini.replies import finish_of, read_head, read_logprobs, tail, write_candidate
from fairlead.apps.hub.shapes.gemini.usage import usage_of
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import ITEM, bare_delta


class AnswerReader(Reader):
    """Reads Gemini's events, or the items of its array."""

    framing = Framing

    def __init__(self) -> None:
        super().__init__()
        self._calls: Calls | None = None
        self._kinds: dict[int, list[type[Part]]] = {}
        self._usage: Usage | None = None

    def take(self, name: str, event: Fields) -> None:
        """One answer."""
        answer = Proto(event.rest())
        if (error := answer.any("error")) is not None:
            self.fail(read_error(error))
            return
        usage, feedback = usage_of(answer.any("usageMetadata")), answer.json("promptFeedback")
        candidates = answer.parts("candidates")
        self._start(answer)
        for candidate in candidates:
            self._candidate(candidate.whole("index") or 0, candidate)
        if feedback is not None and "blockReason" in feedback:
            self.whole = True
            self.tell(Delta(finish="filtered", extra={ITEM: "promptFeedback", "promptFeedback": feedback}))
        if usage is not None and usage != self._usage:
            self._usage = joined(self._usage, usage)
            self.tell(Delta(usage=self._usage))

    def _start(self, answer: Proto) -> None:
        head = read_head(answer)
        if self._calls is None:
            self._calls = Calls(f"{MADE}{head.id}-")
            self.tell(Delta(reply=replace(head, extra=answer.rest())))

    def _candidate(self, index: int, candidate: Proto) -> None:
        content, kinds = candidate.part("content") or Proto({}), self._kinds.setdefault(index, [])
        for part in content.parts("parts"):
            self._part(index, read_part(part, self._calls or Calls()), kinds)
        finish, raw = finish_of(candidate.text("finishReason"), ToolUse in kinds)
        logprobs, extra = read_logprobs(candidate), candidate.rest() | raw
        if finish or logprobs or extra:
            self.tell(Delta(index=index, finish=finish, logprobs=logprobs, extra=extra))
        self.whole = self.whole or finish is not None

    def _part(self, index: int, part: Part, kinds: list[type[Part]]) -> None:
        """One part: more of the one under way when that is of its kind and of text."""
        pieces = isinstance(part, Text) or (isinstance(part, Thinking) and part.sealed is None)
        if not pieces or not kinds or kinds[-1] is not type(part):
            kinds.append(type(part))
            self.tell(Delta(index=index, part=len(kinds) - 1, begins=_beginning(part)))
        text = part.arguments if isinstance(part, ToolUse) else part.text if isinstance(part, Text | Thinking) else ""
        signature = part.signature if pieces and isinstance(part, Text | Thinking) else None
        if text or signature is not None:
            self.tell(Delta(index=index, part=len(kinds) - 1, text=text or None, signature=signature))


def _beginning(part: Part) -> Part:
    if isinstance(part, ToolUse):
        return replace(part, arguments="")
    return replace(part, text="", signature=None) if isinstance(part, Text | Thinking) else part


@dataclass(slots=True)
class _Open:
    """One answer as far as it was told: its parts, and the call of a function that is not whole yet."""

    parts: dict[int, Part] = field(default_factory=dict)
    use: ToolUse | None = None
    finish: Finish | None = None
    extra: Json = field(default_factory=dict)
    logprobs: list[Any] = field(default_factory=list)


class AnswerWriter:
    """Writes answers for a client. Why it ended, and the usage, stand in the last of them."""

    def __init__(self, call: Chat) -> None:
        self._array = call.array
        self._sent = False
        self._ours = True
        self._head = Reply(id="", model=call.model, choices=())
        self._open: dict[int, _Open] = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if delta.reply is not None:
            self._ours = delta.reply.protocol in ("", NAME)
            extra = delta.reply.extra if self._ours else {}
            self._head = replace(delta.reply, model=delta.reply.model or self._head.model, extra=extra)
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        return self._step(delta if self._ours else bare_delta(delta))

    def close(self) -> bytes:
        """The end."""
        whole = [
            write_candidate(index, Choice((), one.finish or "stop", one.logprobs or None, one.extra))
            for index, one in sorted(self._open.items())
            if one.extra.get(ITEM) != "promptFeedback"
        ]
        for candidate, one in zip(whole, (self._open[index] for index in sorted(self._open)), strict=False):
            candidate["content"]["parts"] = self._flushed(one)
        feedback = [one.extra["promptFeedback"] for one in self._open.values() if ITEM in one.extra]
        more = said(candidates=whole or None, promptFeedback=feedback[0] if feedback else None)
        return self._framed(more | tail(self._head, self._usage)) + (b"]" if self._array else b"")

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke."""
        return self._framed(error_of(failure)) + (b"]" if self._array else b"")

    def _step(self, delta: Delta) -> bytes:
        if not (delta.begins or delta.text or delta.signature or delta.finish or delta.extra or delta.logprobs):
            return b""
        one = self._open.setdefault(delta.index, _Open())
        one.finish = delta.finish or one.finish
        one.extra |= delta.extra
        one.logprobs += delta.logprobs or ()
        parts = self._parts(one, delta)
        if not parts:
            return b""
        candidate = {"content": {"parts": parts, "role": "model"}, "index": delta.index}
        return self._framed({"candidates": [candidate]} | tail(self._head, None))

    def _parts(self, one: _Open, delta: Delta) -> list[Json]:
        """What of a step can be said now."""
        done: list[Json] = []
        if delta.begins is not None:
            done = self._flushed(one)
            one.parts[delta.part] = delta.begins
            if isinstance(delta.begins, ToolUse):
                one.use = delta.begins
            elif _whole(delta.begins):
                done += write_parts([delta.begins], {}, answer=True)
        part = one.parts.get(delta.part, Text(""))
        if isinstance(part, ToolUse) and one.use is not None:
            one.use = replace(one.use, arguments=one.use.arguments + (delta.text or ""))
        elif delta.text or delta.signature is not None:
            done += write_parts([_piece(part, delta)], {}, answer=True)
        return done

    def _flushed(self, one: _Open) -> list[Json]:
        """The call of a function that is whole now."""
        use, one.use = one.use, None
        return [] if use is None else write_parts([use], {}, answer=True)

    def _framed(self, answer: Json) -> bytes:
        data = encoded(answer)
        if not self._array:
            return sse.event(data)
        before, self._sent = b",\n" if self._sent else b"[", True
        return before + data


def _whole(part: Part) -> bool:
    """Whether the beginning of a part says something by itself."""
    if isinstance(part, Thinking):
        return bool(part.text or part.sealed)
    return bool(part.text) if isinstance(part, Text | Refusal) else True


def _piece(part: Part, delta: Delta) -> Part:
    if isinstance(part, Thinking):
        return replace(part, text=delta.text or "", signature=delta.signature)
    return Text(delta.text or "", signature=delta.signature)
