"""A streamed answer, looked through step by step: words are held back until nothing of a secret can be in them.

Each part of the answer (a text, reasoning, a tool's arguments) is a text of its own for the guard. What is held back of
a part is let out when the next one begins or the answer finishes. The probabilities of tokens say the same as the
words, so they wait for the end too, and are left out when something was replaced.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fairlead.apps.guard.findings import Finding
from fairlead.apps.hub.calls import Delta, Failure, Media, Other, Refusal, Text, Thinking, ToolResult, ToolUse
from fairlead.apps.hub.guarding.bodies import Json
from fairlead.apps.hub.guarding.looking import Blind, Channel, Channels
from fairlead.apps.hub.guarding.swaps import Restoring, Swaps

Told = Callable[[Sequence[Finding]], Failure | None]
"""Told what was found; a failure is what the client gets instead of the rest."""


Lost = Callable[[], None]


class Stopped(Exception):
    """The answer ends here."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(slots=True)
class _Part:
    """One part under way."""

    index: int
    number: int
    restoring: Restoring
    channel: Channel | None


class Sieve:
    """Of one answer. `channels`: where its words are looked through; without, the client's own are put back only.
    `holds`: whether words wait until they are known to be none of a secret; else they pass, and it is only told of.
    `lost` is told when nobody can be asked any more and words pass all the same; without it that is `Blind`."""

    def __init__(
        self, channels: Channels | None, swaps: Swaps, told: Told, *, holds: bool, lost: Lost | None = None
    ) -> None:
        self._channels = channels
        self._swaps = swaps
        self._told = told
        self._holds = holds
        self._lost = lost
        self._parts: dict[tuple[int, int], _Part] = {}
        self._json: set[tuple[int, int]] = set()
        self._logprobs: dict[int, list[Any]] = {}
        self._changed = False
        """Whether any of its words were replaced."""

    async def feed(self, delta: Delta) -> list[Delta]:
        """What becomes of a step. Raises `Stopped`, `Blind`."""
        out: list[Delta] = []
        if delta.begins is not None:
            out += await self._end(delta.index)
            delta = await self._begun(delta)
        if delta.logprobs is not None:
            self._logprobs.setdefault(delta.index, []).extend(delta.logprobs)
            delta = replace(delta, logprobs=None)
        if delta.extra:
            delta = replace(delta, extra=await self._json_of(delta.extra))
        if delta.text:
            delta = replace(delta, text=await self._words(delta) or None)
        if delta.finish is not None:
            out += await self._end(delta.index)
            delta = replace(delta, logprobs=self._kept(delta.index))
        return [*out, delta] if _says(delta) else out

    async def close(self) -> list[Delta]:
        """What was held back. Raises `Stopped`, `Blind`."""
        out: list[Delta] = []
        for index in sorted({part.index for part in self._parts.values()}):
            out += await self._end(index)
        return out

    async def _words(self, delta: Delta) -> str:
        part, text = self._part(delta), delta.text or ""
        if part.channel is not None:
            shown = await self._asked(part, part.channel.feed(text))
            text = shown if self._holds else text
        return part.restoring.feed(text)

    async def _end(self, index: int) -> list[Delta]:
        """What is left of the parts of one answer."""
        out = []
        for key in [key for key, part in self._parts.items() if part.index == index]:
            part, text = self._parts.pop(key), ""
            if part.channel is not None:
                shown = await self._asked(part, part.channel.close())
                text = shown if self._holds else ""
            text = part.restoring.feed(text) + part.restoring.close()
            if text:
                out.append(Delta(index=index, part=part.number, text=text))
        return out

    async def _asked(self, part: _Part, work: Awaitable[tuple[str, Sequence[Finding]]]) -> str:
        try:
            shown, found = await work
        except Blind as blind:
            if self._lost is None or (self._holds and blind.rest is None):
                raise
            self._channels = part.channel = None
            self._lost()
            return blind.rest or ""
        self._heard(found)
        return shown

    def _part(self, delta: Delta) -> _Part:
        key = delta.index, delta.part
        part = self._parts.get(key)
        if part is None:
            restoring = Restoring(self._swaps, as_json=key in self._json)
            part = self._parts[key] = _Part(*key, restoring, self._opened())
        return part

    def _opened(self) -> Channel | None:
        try:
            return self._channels.open() if self._channels is not None else None
        except Blind:
            if self._lost is None:
                raise
            self._channels = None
            self._lost()
            return None

    async def _begun(self, delta: Delta) -> Delta:
        """A part may begin with words already, and some kinds are all there at once."""
        begins = delta.begins
        if isinstance(begins, ToolUse):
            self._json.add((delta.index, delta.part))
            if begins.arguments:
                delta = replace(delta, begins=replace(begins, arguments=""), text=begins.arguments + (delta.text or ""))
        elif isinstance(begins, Text | Thinking | Refusal) and begins.text:
            delta = replace(delta, begins=replace(begins, text=""), text=begins.text + (delta.text or ""))
        elif isinstance(begins, Other):
            delta = replace(delta, begins=replace(begins, fields=await self._json_of(begins.fields)))
        elif isinstance(begins, ToolResult):
            delta = replace(delta, begins=await self._result(begins))
        return delta

    async def _result(self, result: ToolResult) -> ToolResult:
        parts: list[Text | Media | Other] = []
        for one in result.parts:
            if isinstance(one, Text):
                parts.append(replace(one, text=await self._whole(one.text)))
            elif isinstance(one, Other):
                parts.append(replace(one, fields=await self._json_of(one.fields)))
            else:
                parts.append(one)
        return replace(result, parts=tuple(parts))

    async def _json_of(self, value: dict[str, Any]) -> dict[str, Any]:
        body = Json(copied := msgspec.json.decode(msgspec.json.encode(value)))
        for words in body.words:
            words.put(await self._whole(words.text, as_json=words.is_json))
        return copied if isinstance(copied, dict) else value

    async def _whole(self, text: str, *, as_json: bool = False) -> str:
        """A text that is there at once."""
        shown = text
        if self._channels is not None:
            channel = self._channels.open()
            first, found = await channel.feed(text)
            rest, more = await channel.close()
            self._heard([*found, *more])
            shown = first + rest if self._holds else text
        return self._swaps.restored(shown, as_json=as_json)

    def _heard(self, found: Sequence[Finding]) -> None:
        if not found:
            return
        failure = self._told(found)
        if failure is not None:
            raise Stopped(failure)
        self._changed = self._changed or self._holds

    def _kept(self, index: int) -> Any:
        found = self._logprobs.pop(index, None)
        return None if self._changed or self._swaps.gives_back else found


def _says(delta: Delta) -> bool:
    """Whether anything is left in a step."""
    return bool(
        delta.begins is not None
        or delta.text
        or delta.signature is not None
        or delta.finish is not None
        or delta.usage is not None
        or delta.reply is not None
        or delta.extra
        or delta.logprobs is not None
    )
