"""The streams of Cohere's chat: a message that starts, contents and calls of tools, and its end."""

from __future__ import annotations

from dataclasses import replace

from fairlead.apps.hub.calls import (
    Chat,
    Delta,
    Failure,
    Finish,
    Json,
    Media,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    ToolUse,
    Unsayable,
    Usage,
    joined,
)
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.cohere.asking import NAME, PLAN, read_use
from fairlead.apps.hub.shapes.cohere.failures import text_of
from fairlead.apps.hub.shapes.cohere.replies import finish_of, reason_of
from fairlead.apps.hub.shapes.cohere.usage import usage_of, written
from fairlead.apps.hub.shapes.fields import Fields, encoded
from fairlead.apps.hub.shapes.folding import CITED
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import ITEM, bare_delta, group, own

Key = tuple[str, int]
"""Contents and calls of tools are counted each for themselves."""


class EventReader(Reader):
    """Reads Cohere's events. Kinds that it does not know (debug) are passed over."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self._model = model
        self._parts: dict[Key, int] = {}

    def done(self, data: bytes) -> bool:
        """`[DONE]`, after an end that was told already."""
        return data.strip() == b"[DONE]"

    def take(self, name: str, event: Fields) -> None:
        """One event."""
        kind, index = event.text("type") or name, event.whole("index") or 0
        delta = event.part("delta") or Fields({})
        if kind == "message-end":
            self._end(delta)
            return
        message = delta.part("message") or Fields({})
        if kind == "message-start":
            self.tell(Delta(reply=Reply(event.text("id") or "", self._model, (), protocol=NAME)))
        elif kind in ("content-start", "content-delta"):
            self._content(kind, index, message.part("content") or Fields({}), event)
        elif kind == "tool-plan-delta":
            part = self._part(("plan", 0), Thinking(origin=NAME, extra={ITEM: PLAN}))
            self.tell(Delta(part=part, text=message.text(PLAN)))
        elif kind in ("tool-call-start", "tool-call-delta"):
            self._tool(kind, index, message.part("tool_calls") or Fields({}))
        elif kind == "citation-start":
            self._cite(message.any("citations"))

    def _content(self, kind: str, index: int, content: Fields, event: Fields) -> None:
        text, thought = content.text("text"), content.text("thinking")
        thinks = content.text("type") == "thinking" or bool(thought)
        part = self._part(("content", index), Thinking(origin=NAME) if thinks else Text(""))
        if said := text or thought:
            self.tell(Delta(part=part, text=said))

    def _tool(self, kind: str, index: int, use: Fields) -> None:
        if kind == "tool-call-start":
            begins = read_use(use)
            part = self._part(("tool", index), replace(begins, arguments=""))
            text: str | None = begins.arguments
        else:
            function = use.part("function") or Fields({})
            part, text = self._part(("tool", index), ToolUse("", "", "")), function.text("arguments")
        if text:
            self.tell(Delta(part=part, text=text))

    def _cite(self, citation: object) -> None:
        """Citations come after the words that they are of."""
        part = self._parts.get(("content", 0))
        if part is not None and isinstance(citation, dict):
            self.tell(Delta(part=part, extra={CITED: {"citations": [citation]}}))

    def _part(self, key: Key, begins: Part) -> int:
        if key not in self._parts:
            self._parts[key] = len(self._parts)
            self.tell(Delta(part=self._parts[key], begins=begins))
        return self._parts[key]

    def _end(self, delta: Fields) -> None:
        usage, error = usage_of(delta.any("usage")), delta.text("error")
        if error is not None:
            self.fail(Failure("provider", error, 500))
            return
        self.whole = True
        finish, extra = finish_of(delta.text("finish_reason"))
        self.tell(Delta(finish=finish, usage=usage, extra=extra))


class EventWriter:
    """Writes Cohere's events for a client. Parts come one after another, so one ends where another begins."""

    def __init__(self, call: Chat) -> None:
        self._ours = True
        self._id = ""
        self._parts: dict[int, Part] = {}
        self._open: int | None = None
        self._ended: set[int] = set()
        self._contents = self._tools = 0
        self._finish: Finish | None = None
        self._extra: Json = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if delta.index:
            raise Unsayable("cohere has words for one answer only")
        out = b""
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        if delta.reply is not None:
            self._ours, self._id = delta.reply.protocol in ("", NAME), delta.reply.id
            start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
            out = _event("message-start", id=self._id, delta={"message": start})
        delta = delta if self._ours else bare_delta(delta)
        self._finish = delta.finish or self._finish
        self._extra |= own(delta.extra, CITED)
        return out + self._step(delta)

    def close(self) -> bytes:
        """The end."""
        usage = written(self._usage or Usage())
        delta = {"finish_reason": reason_of(self._finish, self._extra), "usage": usage}
        return self._stop() + _event("message-end", id=self._id, delta=delta)

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke."""
        delta = {"finish_reason": "ERROR", "error": text_of(failure), "usage": written(self._usage or Usage())}
        return self._stop() + _event("message-end", id=self._id, delta=delta)

    def _step(self, delta: Delta) -> bytes:
        out = b""
        if (begins := delta.begins) is not None:
            if isinstance(begins, Media):
                raise Unsayable(f"cohere has no words for a {begins.kind} in an answer")
            self._parts[delta.part] = begins
            if isinstance(begins, ToolUse) or (isinstance(begins, Text | Refusal | Thinking) and begins.text):
                out = self._begin(delta.part, begins)
        if delta.text:
            out += self._more(delta.part, self._parts.setdefault(delta.part, Text("")), delta.text)
        for number, citation in enumerate(group(delta.extra, CITED).get("citations", ())):
            out += _event("citation-start", index=number, delta={"message": {"citations": citation}})
            out += _event("citation-end", index=number)
        return out

    def _begin(self, number: int, part: Part) -> bytes:
        out = self._stop()
        self._open = number
        if isinstance(part, ToolUse):
            use = {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": part.arguments}}
            return out + _event("tool-call-start", index=self._tools, delta={"message": {"tool_calls": use}})
        if isinstance(part, Thinking) and part.extra.get(ITEM) == PLAN:
            return out + (self._said(part, part.text) if part.text else b"")
        kind, text = ("thinking", part.text) if isinstance(part, Thinking) else ("text", getattr(part, "text", ""))
        content = {"type": kind, kind: text}
        return out + _event("content-start", index=self._contents, delta={"message": {"content": content}})

    def _more(self, number: int, part: Part, text: str) -> bytes:
        out = b""
        if self._open != number:
            if isinstance(part, ToolUse) and number in self._ended:
                raise Unsayable("cohere has no words for tool calls whose arguments come in turns")
            out = self._begin(number, replace(part, text="") if isinstance(part, Text | Refusal | Thinking) else part)
        return out + self._said(part, text)

    def _said(self, part: Part, text: str) -> bytes:
        if isinstance(part, ToolUse):
            use = {"function": {"arguments": text}}
            return _event("tool-call-delta", index=self._tools, delta={"message": {"tool_calls": use}})
        if isinstance(part, Thinking) and part.extra.get(ITEM) == PLAN:
            return _event("tool-plan-delta", delta={"message": {PLAN: text}})
        content = {"thinking" if isinstance(part, Thinking) else "text": text}
        return _event("content-delta", index=self._contents, delta={"message": {"content": content}})

    def _stop(self) -> bytes:
        """The end of the part under way."""
        if self._open is None:
            return b""
        part = self._parts[self._open]
        self._ended.add(self._open)
        self._open = None
        if isinstance(part, ToolUse):
            self._tools += 1
            return _event("tool-call-end", index=self._tools - 1)
        if isinstance(part, Thinking) and part.extra.get(ITEM) == PLAN:
            return b""
        self._contents += 1
        return _event("content-end", index=self._contents - 1)


def _event(kind: str, **fields: object) -> bytes:
    return sse.event(encoded({"type": kind, **fields}), kind)
