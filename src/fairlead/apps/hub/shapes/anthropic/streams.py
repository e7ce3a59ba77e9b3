"""The streams of Anthropic's messages: a message that starts, blocks one after another, and its end."""

from __future__ import annotations

from dataclasses import replace

from fairlead.apps.hub.calls import (
    Chat,
    Delta,
    Failure,
    Finish,
    Json,
    Media,
    Other,
    Part,
    Refusal,
    Reply,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Unsayable,
    Usage,
    joined,
)
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.anthropic.blocks import NAME, read_block, write_part
from fairlead.apps.hub.shapes.anthropic.failures import error_of, read_error
from fairlead.apps.hub.shapes.anthropic.replies import message, read_stop, stop
from fairlead.apps.hub.shapes.anthropic.usage import usage_of, written
from fairlead.apps.hub.shapes.fields import Fields, encoded
from fairlead.apps.hub.shapes.folding import CITED
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import bare_delta, group
from fairlead.apps.hub.shapes.seals import marked


class EventReader(Reader):
    """Reads Anthropic's events. Kinds that it does not know are passed over, as Anthropic asks of clients."""

    def __init__(self) -> None:
        super().__init__()
        self._usage: Usage | None = None
        self._silent: set[int] = set()
        """Tool calls that were given nothing yet."""

    def take(self, name: str, event: Fields) -> None:
        """One event."""
        kind = event.text("type") or name
        if kind == "error":
            self.fail(read_error(event.any("error")))
        elif kind == "message_stop":
            self.whole = True
        elif (read := self._kinds.get(kind)) is not None:
            read(self, event)

    def _message(self, event: Fields) -> None:
        answer = event.part("message") or Fields({})
        id, model = answer.text("id") or "", answer.text("model") or ""
        self._count(answer)
        for known in ("type", "role", "content", "stop_reason", "stop_sequence"):
            answer.any(known)
        self.tell(Delta(reply=Reply(id, model, (), protocol=NAME, extra=answer.rest()), usage=self._usage))

    def _start(self, event: Fields) -> None:
        part, block = event.whole("index") or 0, event.part("content_block")
        if block is None:
            raise Unsayable("content_block is missing")
        begins = read_block(block)
        if isinstance(begins, ToolUse) and begins.arguments == "{}":
            begins = replace(begins, arguments="")
            self._silent.add(part)
        self.tell(Delta(part=part, begins=begins))

    def _more(self, event: Fields) -> None:
        part, delta = event.whole("index") or 0, event.part("delta")
        if delta is None:
            return
        kind = delta.text("type")
        if kind in TEXTS:
            text = delta.text(TEXTS[kind])
            if text:
                self._silent.discard(part)
                self.tell(Delta(part=part, text=text))
        elif kind == "signature_delta":
            self.tell(Delta(part=part, signature=delta.text("signature")))
        elif kind == "citations_delta":
            self.tell(Delta(part=part, extra={CITED: {"citations": [delta.any("citation")]}}))

    def _stop(self, event: Fields) -> None:
        part = event.whole("index") or 0
        if part in self._silent:
            self._silent.discard(part)
            self.tell(Delta(part=part, text="{}"))

    def _end(self, event: Fields) -> None:
        self._count(event)
        finish, extra = read_stop(event.part("delta") or Fields({}))
        self.tell(Delta(finish=finish, usage=self._usage, extra=extra))

    def _count(self, holder: Fields) -> None:
        if (usage := usage_of(holder.any("usage"))) is not None:
            self._usage = joined(self._usage, usage)

    _kinds = {  # noqa: RUF012 - a table of methods, never changed
        "message_start": _message,
        "content_block_start": _start,
        "content_block_delta": _more,
        "content_block_stop": _stop,
        "message_delta": _end,
    }


TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


class EventWriter:
    """Writes Anthropic's events for a client. Its blocks come one after another, so a part ends where another begins;
    text that goes on after it makes a new block, and the arguments of a tool that go on can't be said.
    """

    def __init__(self, call: Chat) -> None:
        self._model = call.model
        self._ours = True
        self._parts: dict[int, Part] = {}
        self._open: int | None = None
        self._blocks = 0
        self._told: set[int] = set()
        """Parts that had a block."""
        self._signed = False
        self._finish: Finish | None = None
        self._extra: Json = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if delta.index:
            raise Unsayable("anthropic has words for one answer only")
        out = b""
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        if delta.reply is not None:
            self._ours = delta.reply.protocol in ("", NAME)
            out = self._start(delta.reply)
        if not self._ours:
            delta = bare_delta(delta)
        self._finish = delta.finish or self._finish
        self._extra |= {name: value for name, value in delta.extra.items() if name != CITED}
        return out + self._step(delta)

    def close(self) -> bytes:
        """The end."""
        out = self._stop()
        end = stop(self._finish or "stop", self._extra)
        rest = {name: value for name, value in self._extra.items() if name not in end}
        out += _event("message_delta", delta=end | rest, usage=written(self._usage or Usage()))
        return out + _event("message_stop")

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke."""
        return sse.event(encoded(error_of(failure)), "error")

    def _start(self, reply: Reply) -> bytes:
        head = message(replace(reply, model=reply.model or self._model))
        empty: Json = {"content": [], "stop_reason": None, "stop_sequence": None}
        usage = {"usage": written(self._usage or Usage())}
        return _event("message_start", message=head | empty | usage | (reply.extra if self._ours else {}))

    def _step(self, delta: Delta) -> bytes:
        out = b""
        if delta.begins is not None:
            self._parts[delta.part] = delta.begins
            if not isinstance(delta.begins, Text | Refusal) or delta.begins.text:
                out = self._begin(delta.part, delta.begins)
        part = self._parts.setdefault(delta.part, Text("")) if delta.text or delta.signature else None
        if part is not None:
            out += self._more(delta, part)
        for citation in group(delta.extra, CITED).get("citations", ()):
            out += self._delta(type="citations_delta", citation=citation)
        return out

    def _begin(self, number: int, part: Part) -> bytes:
        """A new block. Of what comes in pieces only the beginning is said."""
        if isinstance(part, Media | ToolResult):
            raise Unsayable(f"anthropic has no words for a {type(part).__name__.lower()} in an answer")
        out = self._stop()
        if isinstance(part, ToolUse):
            if part.signature is not None:
                out += self._whole(Thinking(sealed=part.signature, origin="gemini"))
            block: Json = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}} | part.extra
            more = self._delta(type="input_json_delta", partial_json=part.arguments) if part.arguments else b""
        elif isinstance(part, Thinking) and (part.sealed is None or part.text):
            block, more = {"type": "thinking", "thinking": part.text, "signature": ""} | part.extra, b""
        elif isinstance(part, Text | Refusal):
            extra = part.extra if isinstance(part, Text) else {}
            block, more = {"type": "text", "text": part.text} | extra, b""
        else:
            return out + self._whole(part)
        self._open, self._signed = number, False
        self._told.add(number)
        return out + _event("content_block_start", index=self._blocks, content_block=block) + more

    def _whole(self, part: Thinking | Other) -> bytes:
        """A block that comes in one piece."""
        (block,) = write_part(part, answer=True)
        out = _event("content_block_start", index=self._blocks, content_block=block)
        out += _event("content_block_stop", index=self._blocks)
        self._blocks += 1
        return out

    def _more(self, delta: Delta, part: Part) -> bytes:
        out = b""
        if self._open != delta.part and (delta.text or isinstance(part, Thinking)):
            if isinstance(part, ToolUse) and delta.part in self._told:
                raise Unsayable("anthropic has no words for tool calls whose arguments come in turns")
            begins = replace(part, text="") if isinstance(part, Text | Refusal | Thinking) else part
            out = self._begin(delta.part, begins)
        if delta.text:
            out += self._delta(**_words(part, delta.text))
        if delta.signature is not None:
            out += self._sign(part, delta.signature)
        return out

    def _sign(self, part: Part, signature: str) -> bytes:
        if isinstance(part, Thinking):
            self._signed = True
            return self._delta(type="signature_delta", signature=marked(signature, part.origin, NAME))
        return self._stop() + self._whole(Thinking(sealed=signature, origin="gemini"))

    def _stop(self) -> bytes:
        """The end of the block under way. Reasoning without a signature is marked with where it came from."""
        if self._open is None:
            return b""
        part, out = self._parts[self._open], b""
        if isinstance(part, Thinking) and not self._signed:
            signature = marked(part.signature or part.sealed, part.origin, NAME)
            out = self._delta(type="signature_delta", signature=signature) if signature else b""
        out += _event("content_block_stop", index=self._blocks)
        self._open = None
        self._blocks += 1
        return out

    def _delta(self, **delta: object) -> bytes:
        return _event("content_block_delta", index=self._blocks, delta=delta)


def _words(part: Part, text: str) -> dict[str, object]:
    if isinstance(part, ToolUse):
        return {"type": "input_json_delta", "partial_json": text}
    if isinstance(part, Thinking):
        return {"type": "thinking_delta", "thinking": text}
    return {"type": "text_delta", "text": text}


def _event(kind: str, **fields: object) -> bytes:
    return sse.event(encoded({"type": kind, **fields}), kind)
