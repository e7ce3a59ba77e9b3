"""A stream folded into the answer that it told, and an answer told as a stream.

For whoever needs the whole (a cache, a guard, the bill of a stream that broke) and for answers kept whole and asked
for as a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fairlead.apps.hub.calls import (
    Choice,
    Delta,
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
from fairlead.apps.hub.shapes.fields import OURS

CITED = f"{OURS}cited"
"""The extra of a step that is of its part: lists of citations, by the name that their protocol gives them. All others
are of the choice."""


class Folded:
    """What has come of a reply so far."""

    def __init__(self) -> None:
        self._head = Reply(id="", model="", choices=())
        self._choices: dict[int, _Choice] = {}
        self.usage: Usage | None = None
        """As last reported."""

    def add(self, delta: Delta) -> None:
        """One more step."""
        if delta.reply is not None:
            self._head = delta.reply
        if delta.usage is not None:
            self.usage = joined(self.usage, delta.usage)
        if delta.begins is not None or delta.finish or delta.extra or delta.logprobs or _more(delta):
            self._choices.setdefault(delta.index, _Choice()).add(delta)

    def reply(self) -> Reply:
        """The answer as far as it came."""
        choices = tuple(self._choices[index].choice() for index in sorted(self._choices))
        return replace(self._head, choices=choices, usage=self.usage or self._head.usage)


def folded(deltas: Iterable[Delta]) -> Reply:
    """The answer that a whole stream told."""
    whole = Folded()
    for delta in deltas:
        whole.add(delta)
    return whole.reply()


def told(reply: Reply) -> Iterator[Delta]:
    """The answer as a stream: each part in one piece."""
    yield Delta(reply=replace(reply, choices=(), usage=None))
    for index, choice in enumerate(reply.choices):
        for number, part in enumerate(choice.parts):
            yield from _told(index, number, part)
        yield Delta(index=index, finish=choice.finish, logprobs=choice.logprobs, extra=choice.extra)
    if reply.usage is not None:
        yield Delta(usage=reply.usage)


def _told(index: int, number: int, part: Part) -> Iterator[Delta]:
    if isinstance(part, Refusal):
        yield Delta(index=index, part=number, begins=Refusal(""))
        yield Delta(index=index, part=number, text=part.text)
    elif isinstance(part, Text | Thinking):
        yield Delta(index=index, part=number, begins=replace(part, text="", signature=None))
        if part.text or part.signature is not None:
            yield Delta(index=index, part=number, text=part.text or None, signature=part.signature)
    elif isinstance(part, ToolUse):
        yield Delta(index=index, part=number, begins=replace(part, arguments=""))
        yield Delta(index=index, part=number, text=part.arguments)
    else:
        yield Delta(index=index, part=number, begins=part)


def _more(delta: Delta) -> bool:
    return delta.text is not None or delta.signature is not None


class _Choice:
    """One answer of them."""

    def __init__(self) -> None:
        self._begun: dict[int, Part] = {}
        self._texts: dict[int, list[str]] = {}
        self._signatures: dict[int, str] = {}
        self._cited: dict[tuple[int, str], list[Any]] = {}
        self._logprobs: list[Any] = []
        self._finish: Finish | None = None
        self._extra: Json = {}

    def add(self, delta: Delta) -> None:
        if delta.begins is not None:
            self._begun[delta.part] = delta.begins
        if delta.text:
            self._texts.setdefault(delta.part, []).append(delta.text)
        if delta.signature is not None:
            self._signatures[delta.part] = self._signatures.get(delta.part, "") + delta.signature
        self._logprobs += delta.logprobs or ()
        for name, found in delta.extra.get(CITED, {}).items():
            self._cited.setdefault((delta.part, name), []).extend(found)
        self._finish = delta.finish or self._finish
        self._extra |= {name: value for name, value in delta.extra.items() if name != CITED}

    def choice(self) -> Choice:
        parts = tuple(self._whole(number) for number in sorted({*self._begun, *self._texts}))
        return Choice(parts=parts, finish=self._finish, logprobs=self._logprobs or None, extra=self._extra)

    def _whole(self, number: int) -> Part:
        part, text = self._begun.get(number, Text("")), "".join(self._texts.get(number, ()))
        signature = self._signatures.get(number)
        if isinstance(part, ToolUse):
            part = replace(part, arguments=part.arguments + text)
        elif isinstance(part, Text | Thinking | Refusal):
            part = replace(part, text=part.text + text)
        cited = {name: found for (one, name), found in self._cited.items() if one == number}
        if isinstance(part, Text) and cited:
            part = replace(part, extra=part.extra | cited)
        if signature is not None and isinstance(part, Text | Thinking | ToolUse):
            part = replace(part, signature=signature)
        return part
