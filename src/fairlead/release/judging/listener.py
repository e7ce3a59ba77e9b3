"""One source of observations at arm's length: whatever it does, the judgement goes on, and knows why it is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from fairlead.kit.clock import Clock
from fairlead.release.indicators import by_source, expected_of
from fairlead.release.judge import Counts, EventMargin, Observed, Values
from fairlead.release.judge.policy import Margin
from fairlead.release.sources import Asked, Reader, Source

T = TypeVar("T")

Find = Callable[[str], Source]
"""A source by its name."""

LIMIT_S = 3.0
"""How long a source may take for one answer."""

OPEN_S = 4.0
"""How long it may take to begin, which may mean to read what was before. Within the lease of ten seconds there is room
for this, one answer and the pause between two looks."""

LONGEST_WORDS = 200
"""Characters of an error that are kept."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source, or all of a service, told."""

    seen: Mapping[str, Observed | None] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    frozen: Mapping[str, float] = field(default_factory=dict)

    def __or__(self, other: Heard) -> Heard:
        return Heard(
            {**self.seen, **other.seen},
            {**self.why, **other.why},
            self.units | other.units,
            {**self.frozen, **other.frozen},
        )


def listeners(asked: Asked, find: Find, redact: Callable[[str], str]) -> list[Listener]:
    """One for each source that the indicators of a service come from."""
    return [
        Listener(name, find, replace(asked, indicators=indicators), expected_of(name, asked.policy), redact)
        for name, indicators in by_source(asked.policy).items()
    ]


class Listener:
    """Opens, reads and closes one source; tells what it is expected to, and nothing else."""

    def __init__(
        self, name: str, find: Find, asked: Asked, expected: Mapping[str, Margin], redact: Callable[[str], str]
    ) -> None:
        self._name = name
        self._find = find
        self._asked = asked
        self._expected = expected
        self._redact = redact
        self._reader: Reader | None = None

    async def open(self) -> Heard:
        """Have it begin to count at this moment; the bounds that it froze."""
        try:
            reader = self._find(self._name)(self._asked)
            frozen = await within(self._asked.clock, OPEN_S, reader.start())
        except Exception as error:
            return self._silent(error)
        self._reader = reader
        return Heard(frozen=self._bounds(frozen))

    async def read(self) -> Heard:
        """What it has to tell; one that could not be opened is opened now, and heard from the next time."""
        if self._reader is None:
            return self._nothing("its source has only just been opened") | await self.open()
        try:
            reading = await within(self._asked.clock, LIMIT_S, self._reader.read())
        except Exception as error:
            return self._silent(error)
        seen = {name: reading.seen.get(name) for name in self._expected}
        wrong = {name: fault for name, one in seen.items() if (fault := _misfit(self._expected[name], one))}
        told = {name: None if name in wrong else one for name, one in seen.items()}
        why = {name: self._words(reading.why[name]) for name in self._expected if name in reading.why}
        return Heard(told, {**why, **wrong}, reading.units, self._bounds(reading.frozen))

    async def close(self) -> None:
        """Let go of it, whatever it says."""
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(Exception):
                await within(self._asked.clock, LIMIT_S, reader.close())

    def _silent(self, error: Exception) -> Heard:
        text = "no answer in time" if isinstance(error, TimeoutError) else str(error)
        return self._nothing(f"{self._name}: {self._words(text or type(error).__name__)}")

    def _nothing(self, why: str) -> Heard:
        return Heard(dict.fromkeys(self._expected), dict.fromkeys(self._expected, why))

    def _bounds(self, frozen: Mapping[str, float]) -> Mapping[str, float]:
        return {name: bound for name, bound in frozen.items() if name in self._expected}

    def _words(self, text: str) -> str:
        return self._redact(text)[:LONGEST_WORDS]


def _misfit(margin: Margin, seen: Observed | None) -> str | None:
    kind = Counts if isinstance(margin, EventMargin) else Values
    return None if seen is None or isinstance(seen, kind) else f"its source tells {type(seen).__name__}"


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What comes of the work, or `TimeoutError`; work that does not let itself be cancelled is left behind."""
    working = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if working.done() and not working.cancelled():
            return working.result()
        raise TimeoutError
    finally:
        waiting.cancel()
        working.cancel()
        working.add_done_callback(_heeded)


def _heeded(task: asyncio.Future[Any]) -> None:
    """Take note of how it ended, so that nobody complains that nobody did."""
    if not task.cancelled():
        task.exception()
