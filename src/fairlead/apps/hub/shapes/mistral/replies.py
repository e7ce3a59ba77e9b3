"""Answers for Mistral's clients: reasoning as chunks of the content, calls of tools whole in streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fairlead.apps.hub.calls import Chat, Delta, Json, Part, Reply, Thinking, ToolUse
from fairlead.apps.hub.shapes.fields import decoded, encoded
from fairlead.apps.hub.shapes.mistral.telling import chunk_of
from fairlead.apps.hub.shapes.openai_chat import replies, streams
from fairlead.apps.hub.shapes.seals import marked

FAMILY = "openai_chat"
"""Whose signatures are told without a mark of where they came from: Mistral's thoughts are read as of that protocol."""


def write_reply(reply: Reply) -> bytes:
    """The answer for a client."""
    answer = decoded(replies.write_reply(reply))
    for told, choice in zip(answer["choices"], reply.choices, strict=True):
        told["message"] = _message(told["message"], choice.parts)
    return encoded(answer)


def _message(message: Json, parts: Sequence[Part]) -> Json:
    told = {name: value for name, value in message.items() if name not in ("reasoning_content", "reasoning_details")}
    thoughts = [_chunk(part) for part in parts if isinstance(part, Thinking) and part.sealed is None]
    if not thoughts:
        return told
    words = [{"type": "text", "text": told["content"]}] if told.get("content") else []
    return told | {"content": [*thoughts, *words]}


def _chunk(thought: Thinking) -> Json:
    signature = thought.signature and marked(thought.signature, thought.origin, FAMILY)
    return chunk_of(thought.text, signature)


class ChunkWriter(streams.ChunkWriter):
    """Writes chunks; the usage in the last one, asked for or not."""

    def __init__(self, call: Chat) -> None:
        super().__init__(replace(call, stream_usage=True))
        self._uses: dict[int, tuple[Delta, ToolUse]] = {}
        """The call of a tool under way, in each answer."""

    def write(self, delta: Delta) -> bytes:
        """One step."""
        whole = super().write
        return b"".join(whole(one) for one in self._held(delta))

    def close(self) -> bytes:
        """The end."""
        whole = super().write
        return b"".join(whole(begun) for index in list(self._uses) for begun in self._flushed(index)) + super().close()

    def _held(self, delta: Delta) -> Iterator[Delta]:
        """What can be said now: a call of a tool when the next part begins, or the end."""
        if delta.begins is not None or delta.finish is not None:
            yield from self._flushed(delta.index)
        if isinstance(delta.begins, ToolUse):
            self._uses[delta.index] = delta, delta.begins
        elif delta.text is not None and (under_way := self._uses.get(delta.index)) is not None:
            begun, use = under_way
            self._uses[delta.index] = begun, replace(use, arguments=use.arguments + delta.text)
        else:
            yield delta

    def _flushed(self, index: int) -> Iterator[Delta]:
        if index in self._uses:
            begun, use = self._uses.pop(index)
            yield replace(begun, begins=use)

    def _thought(self, delta: Delta, part: Thinking) -> Json:
        thought = replace(part, text=delta.text or "", signature=delta.signature)
        return {"content": [_chunk(thought)]} if thought.text or thought.signature else {}
