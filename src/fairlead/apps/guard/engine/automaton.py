"""Says where to look: one automaton for all patterns, Hyperscan's where its wheel is, else RE2's set of patterns.

Both report rules and places from which a match may begin; what stands there is for others to verify. Hyperscan's is
the faster by far, the results are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any, Protocol

import re2

from fairlead.apps.guard.engine.plan import LONGEST, Plan

try:
    import hyperscan
except ImportError:  # a processor that its wheel is not built for
    hyperscan = None  # type: ignore[assignment]  # what is missing is asked for by `available`

Place = tuple[int, int]
"""A rule's number, and from where (in bytes) to look for it."""


class Watch(Protocol):
    """One text that comes in pieces."""

    def feed(self, chunk: bytes) -> Sequence[Place]:
        """The rules that the piece wakes, and from where in the whole text."""


class Automaton(Protocol):
    """All patterns at once."""

    def places(self, data: bytes) -> Sequence[Place]:
        """Where to look in a whole text, at most once for each rule: from the first place on."""

    def watch(self) -> Watch:
        """Begins a text that comes in pieces."""


def available() -> bool:
    """Whether Hyperscan is on this machine."""
    return hyperscan is not None


def version() -> str:
    """What a built automaton depends on: it is of no use to another version."""
    return f"hyperscan {metadata.version('hyperscan')}" if hyperscan is not None else "none"


class Hyperscan:
    """The automaton of the `hyperscan` wheel."""

    def __init__(self, plans: Sequence[Plan], block: bytes, stream: bytes) -> None:
        self._back = [plan.trigger_back for plan in plans]
        self._wake_back = [plan.wake_back for plan in plans]
        self._block = _loaded(block, hyperscan.HS_MODE_BLOCK)
        self._stream = _loaded(stream, hyperscan.HS_MODE_STREAM)
        self._ends: list[Place] = []
        # Kept for as long as the automaton: the wheel does not keep the function that it calls.
        self._note = self._noted

    def _noted(self, rule: int, _start: int, end: int, _flags: int, _context: object) -> None:
        self._ends.append((rule, end))

    def places(self, data: bytes) -> Sequence[Place]:
        self._ends = []
        self._block.scan(data, self._note)
        return [(rule, max(0, end - self._back[rule])) for rule, end in self._ends] if self._ends else ()

    def watch(self) -> Watch:
        return HyperscanWatch(self._stream, self._wake_back)


class HyperscanWatch:
    """A stream of Hyperscan's."""

    def __init__(self, database: Any, back: Sequence[int]) -> None:
        self._back = back
        self._ends: list[Place] = []
        self._note = self._noted
        self._stream = database.stream(match_event_handler=self._note)
        self._stream.__enter__()

    def _noted(self, rule: int, _start: int, end: int, _flags: int, _context: object) -> None:
        self._ends.append((rule, end))

    def feed(self, chunk: bytes) -> Sequence[Place]:
        self._stream.scan(chunk)
        if not self._ends:
            return ()
        places = [(rule, max(0, end - self._back[rule])) for rule, end in self._ends]
        self._ends.clear()
        return places


def _loaded(data: bytes, mode: int) -> Any:
    database = hyperscan.loadb(data, mode)
    database.scratch = hyperscan.Scratch(database)
    return database


def refused(pattern: str) -> str | None:
    """Why Hyperscan does not take a pattern; None when it does."""
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(expressions=[pattern.encode("latin-1")], ids=[0])
    except hyperscan.error as error:
        return str(error)
    return None


def built(patterns: Sequence[str], *, stream: bool) -> bytes:
    """An automaton for these patterns, as it is kept on disk."""
    mode = hyperscan.HS_MODE_STREAM if stream else hyperscan.HS_MODE_BLOCK
    database = hyperscan.Database(mode=mode)
    flags = 0 if stream else hyperscan.HS_FLAG_SINGLEMATCH
    expressions = [pattern.encode("latin-1") for pattern in patterns]
    database.compile(expressions=expressions, ids=list(range(len(patterns))), flags=[flags] * len(patterns))
    return bytes(hyperscan.dumpb(database))


class Plain:
    """RE2's set of patterns: says which rules are somewhere in a text."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._set = _set_of([plan.wake for plan in plans])
        self.reach = max((plan.wake_back for plan in plans), default=1)

    def places(self, data: bytes) -> Sequence[Place]:
        return [(rule, 0) for rule in self._set.Match(data)]

    def watch(self) -> Watch:
        return PlainWatch(self._set, min(self.reach, LONGEST))


class PlainWatch:
    """Searches each piece together with the end of those before it."""

    def __init__(self, patterns: Any, reach: int) -> None:
        self._set = patterns
        self._reach = reach
        self._text = b""
        self._end = 0

    def feed(self, chunk: bytes) -> Sequence[Place]:
        self._text = self._text[-2 * self._reach :] + chunk
        self._end += len(chunk)
        start = max(0, self._end - len(chunk) - self._reach)
        return [(rule, start) for rule in self._set.Match(self._text)]


def _set_of(patterns: Sequence[str]) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 256 << 20
    made = re2.Set.SearchSet(options)
    for pattern in patterns:
        made.Add(pattern.encode("latin-1"))
    made.Compile()
    return made
