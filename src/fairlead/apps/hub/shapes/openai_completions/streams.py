"""The streams of OpenAI's completions: `data:` events, each a piece of text, and `[DONE]` at the end."""

from __future__ import annotations

from fairlead.apps.hub.calls import Chat, Delta, Failure, Json, Part, Reply, Text, Thinking, Usage, joined
from fairlead.apps.hub.shapes import sse
from fairlead.apps.hub.shapes.fields import Fields, encoded
from fairlead.apps.hub.shapes.openai.failures import error_of, read_error
from fairlead.apps.hub.shapes.openai.usage import usage_of, written
from fairlead.apps.hub.shapes.openai_chat.replies import WRITTEN, finish_of
from fairlead.apps.hub.shapes.openai_completions.asking import NAME
from fairlead.apps.hub.shapes.openai_completions.replies import read_logprobs, text_of, write_logprobs
from fairlead.apps.hub.shapes.reading import Reader
from fairlead.apps.hub.shapes.refusing import bare_delta, own


class ChunkReader(Reader):
    """Reads a provider's chunks."""

    def __init__(self) -> None:
        super().__init__()
        self._started = False
        self._begun: set[int] = set()

    def done(self, data: bytes) -> bool:
        """`[DONE]`."""
        if data.strip() != b"[DONE]":
            return False
        self.whole = True
        return True

    def take(self, name: str, event: Fields) -> None:
        """One chunk."""
        if (error := event.any("error")) is not None:
            self.fail(read_error(error))
            return
        event.any("object")
        usage, choices = usage_of(event.any("usage"), event.any("service_tier")), event.parts("choices")
        id, model, created = event.text("id") or "", event.text("model") or "", event.whole("created")
        if not self._started:
            self._started = True
            self.tell(Delta(reply=Reply(id, model, (), created=created, protocol=NAME, extra=event.rest())))
        for choice in choices:
            self._choice(choice.whole("index") or 0, choice)
        if usage is not None:
            self.tell(Delta(usage=usage))

    def _choice(self, index: int, choice: Fields) -> None:
        if index not in self._begun:
            self._begun.add(index)
            self.tell(Delta(index=index, begins=Text("")))
        text, logprobs = choice.text("text"), read_logprobs(choice)
        finish, raw = finish_of(choice.text("finish_reason"), tools=False)
        extra = choice.rest() | raw
        if text or logprobs or finish or extra:
            self.tell(Delta(index=index, text=text or None, logprobs=logprobs, finish=finish, extra=extra))
        self.whole = self.whole or finish is not None


class ChunkWriter:
    """Writes chunks for a client; the usage in the last one, when it asked for it."""

    def __init__(self, call: Chat) -> None:
        self._usage_asked = call.stream_usage
        self._head: Json = {"id": "", "object": "text_completion", "created": 0, "model": call.model}
        self._ours = True
        self._parts: dict[tuple[int, int], Part] = {}
        self._offsets: dict[int, int] = {}
        self._usage: Usage | None = None

    def write(self, delta: Delta) -> bytes:
        """One step."""
        if (reply := delta.reply) is not None:
            self._ours = reply.protocol in ("", NAME)
            head = {"id": reply.id, "created": reply.created or 0, "model": reply.model or self._head["model"]}
            self._head |= head | (reply.extra if self._ours else {})
        if delta.usage is not None:
            self._usage = joined(self._usage, delta.usage)
        delta = delta if self._ours else bare_delta(delta)
        text = self._text(delta)
        if not text and not delta.finish and not delta.logprobs and not delta.extra:
            return b""
        reason = delta.extra.get("finish_reason") or (delta.finish and WRITTEN[delta.finish])
        offset = self._offsets.get(delta.index, 0)
        self._offsets[delta.index] = offset + len(text)
        choice = {"text": text, "index": delta.index, "logprobs": write_logprobs(delta.logprobs, offset)}
        return self._chunk([choice | {"finish_reason": reason} | own(delta.extra, "finish_reason")], None)

    def close(self) -> bytes:
        """The end."""
        told = self._usage_asked and self._usage is not None
        return (self._chunk([], self._usage) if told else b"") + sse.event(b"[DONE]")

    def fail(self, failure: Failure) -> bytes:
        """The end of a stream that broke."""
        return sse.event(encoded({"error": error_of(failure)}))

    def _text(self, delta: Delta) -> str:
        """The words of a step; reasoning has no place."""
        key = (delta.index, delta.part)
        begun = ""
        if delta.begins is not None:
            self._parts[key] = delta.begins
            begun = text_of([delta.begins])
        thought = isinstance(self._parts.get(key), Thinking)
        return begun + ("" if thought else delta.text or "")

    def _chunk(self, choices: list[Json], usage: Usage | None) -> bytes:
        counts: Json = {"usage": None if usage is None else written(usage)} if self._usage_asked else {}
        return sse.event(encoded(self._head | {"choices": choices} | counts))
