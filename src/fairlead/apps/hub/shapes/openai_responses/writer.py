"""The streams of OpenAI's responses, written: every event with its number, and the whole response at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Delta,
    Failure,
    Finish,
    Json,
    Other,
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
from fairlead.apps.hub.shapes.fields import encoded
from fairlead.apps.hub.shapes.folding import CITED
from fairlead.apps.hub.shapes.openai.failures import error_of
from fairlead.apps.hub.shapes.openai.usage import written_for_responses
from fairlead.apps.hub.shapes.openai_responses.content import NAME
from fairlead.apps.hub.shapes.openai_responses.items import CALLS, write_item
from fairlead.apps.hub.shapes.openai_responses.replies import echo, written_finish
from fairlead.apps.hub.shapes.refusing import ITEM, bare_delta, group, own


@dataclass(slots=True)
class _Item:
    """An item under way: the part it is of, and for a message its parts so far."""

    number: int
    """Of the part in the reply."""
    part: Part
    id: str
    texts: list[str] = field(default_factory=list)
    signature: str | None = None
    content: list[Json] = field(default_factory=list)
    logprobs: list[Any] = field(default_factory=list)
    extra: Json = field(default_factory=dict)


class EventWriter:
    """Writes events for a client. Items come one after another, so a part ends where another begins."""

    def __init__(self, call: Chat) -> None:
        self._call = call
        self._ours = True
        self._reply = Reply(id="", model=call.model, choices=())
        self._number = -1
        self._output: list[Json] = []
        self._item: _Item | None = None
        self._parts: dict[int, Part] = {}
        self._ended: set[int] = set()
        self._finish: Finish | None = None
        self._extra: Json = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if delta.index:
            raise Unsayable(f"{NAME} has words for one answer only")
        out = b""
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        if delta.reply is not None:
            self._ours = delta.reply.protocol in ("", NAME)
            out = self._start(delta.reply)
        delta = delta if self._ours else bare_delta(delta)
        self._finish = delta.finish or self._finish
        self._extra |= own(delta.extra, CITED)
        return out + self._step(delta)

    def close(self) -> bytes:
        """The end."""
        out = self._done()
        state = written_finish(self._finish or "stop", self._extra)
        usage = None if self._usage is None else written_for_responses(self._usage)
        whole = self._whole() | state | {"output": self._output, "usage": usage}
        kind = "response.incomplete" if state["status"] == "incomplete" else "response.completed"
        return out + self._event(kind, response=whole)

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke: the response failed, or an error where it had not begun."""
        error = error_of(failure)
        if self._number < 0:
            return self._event("error", code=error["code"], message=error["message"], param=error["param"])
        said = {"code": error["code"] or "server_error", "message": error["message"]}
        state = {"status": "failed", "error": said, "incomplete_details": None}
        return self._event("response.failed", response=self._whole() | state | {"output": self._output, "usage": None})

    def _start(self, reply: Reply) -> bytes:
        extra = reply.extra if self._ours else {}
        self._reply = replace(reply, model=reply.model or self._call.model, extra=extra)
        response = self._whole() | written_finish(None, {}) | {"output": [], "usage": None}
        created = self._event("response.created", response=response)
        return created + self._event("response.in_progress", response=response)

    def _whole(self) -> Json:
        return echo(self._call, replace(self._reply, usage=self._usage))

    def _step(self, delta: Delta) -> bytes:
        out = b""
        if delta.begins is not None:
            self._parts[delta.part] = delta.begins
            if not isinstance(delta.begins, Text | Refusal) or delta.begins.text:
                out = self._begin(delta.part, delta.begins)
        if delta.text or delta.signature is not None or delta.logprobs:
            out += self._more(delta, self._parts.setdefault(delta.part, Text("")))
        if self._item is not None and (cited := group(delta.extra, CITED).get("annotations")):
            self._item.extra["annotations"] = [*self._item.extra.get("annotations", ()), *cited]
        return out

    def _more(self, delta: Delta, part: Part) -> bytes:
        out = b""
        if self._item is None or self._item.number != delta.part:
            if isinstance(part, Text) and not delta.text and not delta.logprobs:
                return self._done() + self._sealed(delta.signature)
            if isinstance(part, ToolUse) and delta.part in self._ended:
                raise Unsayable(f"{NAME} has no words for tool calls whose arguments come in turns")
            out = self._begin(delta.part, replace(part, text="") if isinstance(part, Text | Refusal) else part)
        item = self._item
        if item is None:
            return out
        if delta.text or delta.logprobs:
            item.texts.append(delta.text or "")
            item.logprobs += delta.logprobs or ()
            out += self._grow(item, delta)
        if delta.signature is not None:
            if isinstance(part, Text):
                return out + self._done() + self._sealed(delta.signature)
            item.signature = (item.signature or "") + delta.signature
        return out

    def _sealed(self, signature: str | None) -> bytes:
        """What Gemini tied to a text or a tool call, as an item of its own."""
        return self._put(Thinking(sealed=signature, origin="gemini"))

    def _put(self, part: Part) -> bytes:
        """An item that comes in one piece."""
        (item,) = write_item(part, self._reply.id, len(self._output))
        index = len(self._output)
        self._output.append(item)
        added = self._event("response.output_item.added", output_index=index, item=item)
        return added + self._event("response.output_item.done", output_index=index, item=item)

    def _begin(self, number: int, part: Part) -> bytes:
        """A new item; but words that follow words are one more part of their message."""
        if isinstance(part, Text | Refusal):
            return self._words(number, part)
        out = self._done()
        if isinstance(part, ToolUse) and part.signature is not None:
            out += self._sealed(part.signature)
            part = replace(part, signature=None)
        if isinstance(part, Other) or (isinstance(part, Thinking) and part.sealed is not None):
            return out + self._put(part)
        (begun,) = write_item(part, self._reply.id, len(self._output))
        begun.pop("encrypted_content", None)  # it comes at the end
        self._item = _Item(number, part, begun["id"])
        if isinstance(part, ToolUse) and part.arguments:
            self._item.texts.append(part.arguments)
            begun = begun | {CALLS.get(begun["type"], "arguments"): ""}
        out += self._event("response.output_item.added", item=begun | {"status": "in_progress"}, **self._at())
        if isinstance(part, ToolUse) and part.arguments:
            out += self._grow(self._item, Delta(text=part.arguments))
        if isinstance(part, Thinking):
            summary = {"type": "summary_text", "text": ""}
            out += self._event("response.reasoning_summary_part.added", part=summary, summary_index=0, **self._in())
        return out

    def _words(self, number: int, part: Text | Refusal) -> bytes:
        names = part.extra.get(ITEM, {}) if isinstance(part, Text) else {}
        out = b""
        if self._item is not None and isinstance(self._item.part, Text | Refusal) and not names:
            out = self._part_done(self._item)
            self._item = replace(self._item, number=number, part=part, texts=[], logprobs=[], extra={})
        else:
            out = self._done()
            self._item = _Item(number, part, names.get("id", f"msg_{self._reply.id}_{len(self._output)}"))
            item = {"type": "message", **names, "id": self._item.id, "status": "in_progress", "role": "assistant"}
            out += self._event("response.output_item.added", item=item | {"content": []}, **self._at())
        if isinstance(part, Text):
            self._item.extra = own(part.extra, ITEM)
        out += self._event("response.content_part.added", part=_content(part, "", {}), **self._within(self._item))
        if part.text:
            self._item.texts.append(part.text)
            out += self._grow(self._item, Delta(text=part.text))
        return out

    def _grow(self, item: _Item, delta: Delta) -> bytes:
        if isinstance(item.part, ToolUse):
            kind = "custom_tool_call_input" if "type" in item.part.extra else "function_call_arguments"
            return self._event(f"response.{kind}.delta", delta=delta.text, **self._in())
        if isinstance(item.part, Thinking):
            text = delta.text or ""
            return self._event("response.reasoning_summary_text.delta", delta=text, summary_index=0, **self._in())
        if isinstance(item.part, Refusal):
            return self._event("response.refusal.delta", delta=delta.text, **self._within(item))
        logprobs = delta.logprobs or []
        return self._event(
            "response.output_text.delta", delta=delta.text or "", logprobs=logprobs, **self._within(item)
        )

    def _done(self) -> bytes:
        """The end of the item under way."""
        item = self._item
        if item is None:
            return b""
        self._ended.add(item.number)
        text = "".join(item.texts)
        if isinstance(item.part, Text | Refusal):
            out, whole = self._part_done(item), self._message(item)
        else:
            part = replace(item.part, arguments=text) if isinstance(item.part, ToolUse) else _thought(item, text)
            (whole,) = write_item(part, self._reply.id, len(self._output))
            out = self._text_done(item, text)
        out += self._event("response.output_item.done", item=whole, **self._at())
        self._item = None
        self._output.append(whole)
        return out

    def _message(self, item: _Item) -> Json:
        names = item.part.extra.get(ITEM, {}) if isinstance(item.part, Text) else {}
        whole = {"type": "message", **names, "id": item.id, "status": "completed", "role": "assistant"}
        return whole | {"content": item.content}

    def _part_done(self, item: _Item) -> bytes:
        text, within = "".join(item.texts), self._within(item)
        part = _content(item.part, text, item.extra | ({"logprobs": item.logprobs} if item.logprobs else {}))
        if isinstance(item.part, Refusal):
            out = self._event("response.refusal.done", refusal=text, **within)
        else:
            out = self._event("response.output_text.done", text=text, logprobs=item.logprobs, **within)
        out += self._event("response.content_part.done", part=part, **within)
        item.content.append(part)
        return out

    def _text_done(self, item: _Item, text: str) -> bytes:
        if isinstance(item.part, ToolUse):
            kind, name = (
                ("custom_tool_call_input", "input")
                if "type" in item.part.extra
                else ("function_call_arguments", "arguments")
            )
            return self._event(f"response.{kind}.done", **{name: text}, **self._in())
        out = self._event("response.reasoning_summary_text.done", text=text, summary_index=0, **self._in())
        part = {"type": "summary_text", "text": text}
        return out + self._event("response.reasoning_summary_part.done", part=part, summary_index=0, **self._in())

    def _at(self) -> Json:
        return {"output_index": len(self._output)}

    def _in(self) -> Json:
        return self._at() | {"item_id": self._item.id if self._item is not None else ""}

    def _within(self, item: _Item) -> Json:
        return self._in() | {"content_index": len(item.content)}

    def _event(self, kind: str, **fields: Any) -> bytes:
        self._number += 1
        return sse.event(encoded({"type": kind, "sequence_number": self._number, **fields}), kind)


def _content(part: Part, text: str, extra: Json) -> Json:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": []} | extra


def _thought(item: _Item, text: str) -> Part:
    part = item.part
    return replace(part, text=text, signature=item.signature) if isinstance(part, Thinking) else part
