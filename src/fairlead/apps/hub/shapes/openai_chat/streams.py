"""The streams of chat completions: `data:` events, each a chunk, and `[DONE]` at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fairlead.apps.hub.calls import (
    Chat,
    Delta,
    Failure,
    Json,
    Media,
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
from fairlead.apps.hub.shapes.fields import Fields, encoded
from fairlead.apps.hub.shapes.openai.failures import error_of, read_error
from fairlead.apps.hub.shapes.openai.usage import usage_of, written
from fairlead.apps.hub.shapes.openai_chat.content import BESIDE, beside, besides, read_content
from fairlead.apps.hub.shapes.openai_chat.reasoning import read_detail, read_signature, write_detail, write_signature
from fairlead.apps.hub.shapes.openai_chat.replies import WRITTEN, finish_of, read_images, read_logprobs, write_image
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import MESSAGE, bare_delta, group, own


@dataclass(slots=True)
class _Begun:
    """What has begun of one choice: the kinds of its parts in order, and which part a tool's index is."""

    kinds: list[type[Part]] = field(default_factory=list)
    tools: dict[int, int] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)


class ChunkReader(Reader):
    """Reads a provider's chunks."""

    def __init__(self) -> None:
        super().__init__()
        self._started = False
        self._choices: dict[int, _Begun] = {}

    def done(self, data: bytes) -> bool:
        """`[DONE]`."""
        if data.strip() != b"[DONE]":
            return False
        self.whole = True
        return True

    def take(self, name: str, event: Fields) -> None:
        """One chunk. A stream whose choices all finished counts as whole without `[DONE]`: some vendors send none."""
        if (error := event.any("error")) is not None:
            self.fail(read_error(error))
            return
        event.any("object")
        usage, groq, tier = event.any("usage"), event.part("x_groq"), event.text("service_tier")
        choices = event.parts("choices")
        self._start(event, tier)
        for choice in choices:
            self._choice(choice.whole("index") or 0, choice)
        reported = usage_of(usage or (groq.any("usage") if groq else None), tier)
        if reported is not None:
            self.tell(Delta(usage=reported))

    def _start(self, event: Fields, tier: str | None) -> None:
        if self._started:
            return
        self._started = True
        id, model, created = event.text("id") or "", event.text("model") or "", event.whole("created")
        event.any("obfuscation")
        extra = event.rest() | ({} if tier is None else {"service_tier": tier})
        self.tell(Delta(reply=Reply(id, model, (), created=created, protocol="openai_chat", extra=extra)))

    def _choice(self, index: int, choice: Fields) -> None:
        begun = self._choices.setdefault(index, _Begun())
        logprobs, more = read_logprobs(choice)
        delta = choice.part("delta") or Fields({})
        delta.any("role")
        self._thoughts(index, begun, delta)
        if isinstance(delta.peek("content"), list):
            self._chunks(index, begun, delta)
        elif (text := delta.text("content")) or logprobs:
            part = self._part(index, begun, Text(""))
            self.tell(Delta(index=index, part=part, text=text or None, logprobs=logprobs))
        if refusal := delta.text("refusal"):
            self.tell(Delta(index=index, part=self._part(index, begun, Refusal("")), text=refusal))
        if signature := read_signature(delta):
            self.tell(Delta(index=index, part=self._part(index, begun, Text("")), signature=signature))
        for use in delta.parts("tool_calls"):
            self._tool(index, begun, use)
        for image in read_images(delta):
            self._part(index, begun, image)
        finish, raw = finish_of(choice.text("finish_reason"), ToolUse in begun.kinds)
        rest = delta.rest()
        extra = choice.rest() | raw | more | ({MESSAGE: rest} if rest else {})
        if finish or extra:
            self.tell(Delta(index=index, finish=finish, extra=extra))
        self.whole = self.whole or finish is not None

    def _part(self, index: int, begun: _Begun, part: Part, new: bool = False) -> int:
        """The part under way when it is of that kind, else a new one."""
        if new or isinstance(part, Media) or not begun.kinds or begun.kinds[-1] is not type(part):
            begun.kinds.append(type(part))
            self.tell(Delta(index=index, part=len(begun.kinds) - 1, begins=part))
        return len(begun.kinds) - 1

    def _thoughts(self, index: int, begun: _Begun, delta: Fields) -> None:
        plain = [delta.text("reasoning_content"), delta.text("reasoning")]
        details = delta.parts("reasoning_details")
        for detail in details:
            thought = read_detail(detail)
            part = self._part(index, begun, replace(thought, text="", signature=None), thought.sealed is not None)
            if thought.text or thought.signature:
                self.tell(Delta(index=index, part=part, text=thought.text or None, signature=thought.signature))
        if not details and (text := plain[0] or plain[1]):
            self.tell(Delta(index=index, part=self._part(index, begun, Thinking(origin="openai_chat")), text=text))

    def _chunks(self, index: int, begun: _Begun, delta: Fields) -> None:
        """Content as a list (Mistral): text and reasoning."""
        for one in read_content(delta):
            text, signature = getattr(one, "text", None), getattr(one, "signature", None)
            kind = replace(one, text="", signature=None) if isinstance(one, Text | Thinking) else one
            part = self._part(index, begun, kind)
            if isinstance(one, Text | Thinking) and (text or signature):
                self.tell(Delta(index=index, part=part, text=text or None, signature=signature))

    def _tool(self, index: int, begun: _Begun, use: Fields) -> None:
        """A tool call, or more of its arguments. Some vendors give each call the index 0, or none, and another id."""
        number, id = use.whole("index"), use.text("id")
        kind = "custom" if use.text("type") == "custom" else "function"
        called = use.part(kind) or Fields({})
        name, arguments = called.text("name"), called.text("input" if kind == "custom" else "arguments")
        number = number if number is not None else max(begun.tools, default=0)
        if number not in begun.tools or (id and name and begun.ids[number] != id):
            signature, extra = read_signature(use), {"type": kind} if kind == "custom" else {}
            begins = ToolUse(id or "", name or "", "", signature=signature, extra=extra | beside(called, use))
            begun.tools[number], begun.ids[number] = self._part(index, begun, begins, new=True), id or ""
        if arguments:
            self.tell(Delta(index=index, part=begun.tools[number], text=arguments))


class ChunkWriter:
    """Writes chunks for a client; the usage in the last one, when it asked for it."""

    def __init__(self, call: Chat) -> None:
        self._usage_asked = call.stream_usage
        self._head: Json = {"id": "", "object": "chat.completion.chunk", "created": 0, "model": call.model}
        self._ours = True
        self._begun: dict[int, dict[int, Part]] = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if delta.reply is not None:
            self._begin(delta.reply)
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        delta = delta if self._ours else bare_delta(delta)
        said = self._said(delta)
        extra = delta.extra
        if said is None and not delta.finish and not delta.logprobs and not extra:
            return b""
        first = b""
        if delta.index not in self._begun:
            self._begun[delta.index] = {}
            first = self._chunk(delta.index, {"role": "assistant", "content": ""}, {})
        if delta.begins is not None:
            self._begun[delta.index][delta.part] = delta.begins
            said = self._begins(delta, delta.begins)
        return first + self._step(delta, said)

    def close(self) -> bytes:
        """The end."""
        last = b""
        if self._usage_asked and self._usage is not None:
            last = sse.event(encoded(self._head | {"choices": [], "usage": written(self._usage)}))
        return last + sse.event(b"[DONE]")

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke."""
        return sse.event(encoded({"error": error_of(failure)}))

    def _begin(self, reply: Reply) -> None:
        self._ours = reply.protocol in ("", "openai_chat")
        self._head |= {"id": reply.id, "created": reply.created or 0, "model": reply.model or self._head["model"]}
        if self._ours:
            self._head |= reply.extra

    def _said(self, delta: Delta) -> Json | None:
        if delta.begins is not None:
            return {}
        if delta.text is None and delta.signature is None:
            return None
        part = self._begun.get(delta.index, {}).get(delta.part)
        text = delta.text or ""
        if isinstance(part, ToolUse):
            return self._arguments(delta, part, text)
        if isinstance(part, Thinking):
            return self._thought(delta, part)
        words = {"refusal": text} if isinstance(part, Refusal) else {"content": text} if text else {}
        return words | write_signature(delta.signature)

    def _step(self, delta: Delta, said: Json | None) -> bytes:
        extra = delta.extra
        fields: Json = {}
        if delta.finish is not None or "finish_reason" in extra:
            fields["finish_reason"] = extra.get("finish_reason") or (delta.finish and WRITTEN[delta.finish])
        if delta.logprobs is not None or "logprobs" in extra:
            fields["logprobs"] = {"content": delta.logprobs} | extra.get("logprobs", {})
        fields |= own(extra, "finish_reason", "logprobs", MESSAGE)
        told = (said or {}) | group(extra, MESSAGE)
        return self._chunk(delta.index, told, fields) if told or fields else b""

    def _begins(self, delta: Delta, part: Part) -> Json:
        if isinstance(part, ToolUse):
            kind, key = ("custom", "input") if part.extra.get("type") == "custom" else ("function", "arguments")
            called = {"name": part.name, key: part.arguments} | own(part.extra, "type", BESIDE)
            whole = {"index": self._tool(delta), "id": part.id, "type": kind, kind: called}
            return {"tool_calls": [whole | besides(part.extra) | write_signature(part.signature)]}
        if isinstance(part, Thinking) and part.sealed is not None:
            return {"reasoning_details": [write_detail(part, delta.part)]}
        if isinstance(part, Media):
            return {"images": [write_image(part)]}
        return {}

    def _arguments(self, delta: Delta, part: ToolUse, text: str) -> Json:
        kind, key = ("custom", "input") if part.extra.get("type") == "custom" else ("function", "arguments")
        return {
            "tool_calls": [
                {"index": self._tool(delta), kind: {key: text}} | ({"type": kind} if kind == "custom" else {})
            ]
        }

    def _thought(self, delta: Delta, part: Thinking) -> Json:
        fields: Json = {"reasoning_content": delta.text} if delta.text else {}
        if delta.signature is not None or part.extra:
            detail = write_detail(replace(part, text=delta.text or "", signature=delta.signature), delta.part)
            fields["reasoning_details"] = [detail]
        return fields

    def _tool(self, delta: Delta) -> int:
        """Which of the tools of its choice a part is."""
        parts = self._begun[delta.index]
        return sum(1 for number, part in parts.items() if isinstance(part, ToolUse) and number < delta.part)

    def _chunk(self, index: int, delta: Json, fields: Json) -> bytes:
        choice: dict[str, Any] = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None} | fields
        usage: Json = {"usage": None} if self._usage_asked else {}
        return sse.event(encoded(self._head | {"choices": [choice]} | usage))
