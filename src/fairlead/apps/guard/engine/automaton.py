"""Says where to look: one automaton for all patterns, Hyperscan's where its wheel is, else RE2's set of patterns.

Both report rules and places from which a match may begin; what stands there is for others to verify. Hyperscan's is
the faster by far, the results are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import re2

from fairlead.apps.guard.engine.plan import Plan
from fairlead.apps.guard.patterns.linear import PatternTooLarge

try:
    import hyperscan
except ImportError:  # a processor that its wheel is not built for
    hyperscan = None  # type: ignore[assignment]  # what is missing is asked for by `available`

Place: TypeAlias = tuple[int, int, int]
"""A rule's number, and between which bytes its match begins."""
Wake: TypeAlias = tuple[int, int, int]
"""A rule's number, and from which byte of the whole on its match and its secret may begin."""


class Watch(Protocol):
    """One text that comes in pieces."""

    def feed(self, text: bytes, gone: int, known: int, sent: int) -> Sequence[Wake]:
        """The rules that a piece wakes: what of `text` is behind `known`.

        `gone` bytes of the whole are before the text; its first `sent` bytes were let out.
        """


class Automaton(Protocol):
    """All patterns at once."""

    def places(self, data: bytes) -> Sequence[Place]:
        """Where to look in a whole text, for each rule in the order of the text."""

    def watch(self) -> Watch:
        """Begins a text that comes in pieces."""


def available() -> bool:
    """Whether Hyperscan is on this machine."""
    return hyperscan is not None


def version() -> str:
    """What a built automaton depends on: it is of no use to another version."""
    return str(getattr(hyperscan, "__version__", "unknown")) if hyperscan is not None else "none"


class Hyperscan:
    """The automaton of the `hyperscan` wheel."""

    def __init__(self, plans: Sequence[Plan], often: Sequence[bool], block: bytes, wakes: bytes) -> None:
        self._often = often
        self._back = [plan.trigger_back for plan in plans]
        self._block = Database(block)
        self.wakes = Database(wakes)
        self.woken = _woken(plans)
        self.reach = max((plan.wake_width for plan in plans), default=0) + EDGE
        self.let_out = max((plan.wake_width for plan in plans if not plan.wake_kept), default=0) + EDGE

    def places(self, data: bytes) -> Sequence[Place]:
        ends = self._block.ends(data)
        if not ends:
            return ()
        size, back, often = len(data), self._back, self._often
        return [(rule, max(0, end - back[rule]), end if often[rule] else size) for rule, end in ends]

    def watch(self) -> Watch:
        return HyperscanWatch(self)


EDGE = 8
"""Bytes more than a pattern is wide that are looked at again, for what it says of the byte before it."""


class Database:
    """One of Hyperscan's, ready to scan."""

    def __init__(self, kept: bytes) -> None:
        try:
            self._database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
            self._database.scratch = hyperscan.Scratch(self._database)
        except hyperscan.error as error:
            raise Unusable(str(error)) from None
        self._ends: list[tuple[int, int]] = []
        # Kept for as long as the database: the wheel does not keep the function that it calls.
        self._note = self._noted

    def _noted(self, pattern: int, _start: int, end: int, _flags: int, _context: object) -> None:
        self._ends.append((pattern, end))

    def ends(self, data: bytes) -> Sequence[tuple[int, int]]:
        """The numbers of the patterns that match, and where the matches end."""
        self._database.scan(data, self._note)
        if not self._ends:
            return ()
        ends, self._ends = self._ends, []
        return ends


class Unusable(ValueError):
    """What was kept is for another version or processor."""


def _woken(plans: Sequence[Plan]) -> list[list[tuple[int, int, int]]]:
    """For each literal: the rules that it wakes, how far back a match begins, and how far back a secret."""
    rules: dict[str, list[tuple[int, int, int]]] = {plan.wake: [] for plan in plans}
    for rule, plan in enumerate(plans):
        rules[plan.wake].append((rule, plan.wake_back, plan.wake_back if plan.wake_kept else 0))
    return list(rules.values())


def wakes_of(plans: Sequence[Plan]) -> list[str]:
    """The literals of all rules, each once, in the order of their numbers."""
    return list(dict.fromkeys(plan.wake for plan in plans))


class HyperscanWatch:
    """Looks for literals in each piece, and in what was before it as far as one may have begun there.

    Not a stream of Hyperscan's: version 5.4 misses matches that a piece's end cuts in unlucky places
    (`tests/apps/guard/engine/test_automaton.py` shows one), so a few bytes are scanned again instead.
    """

    def __init__(self, automaton: Hyperscan) -> None:
        self._automaton = automaton

    def feed(self, text: bytes, gone: int, known: int, sent: int) -> Sequence[Wake]:
        """The rules whose literal ends behind `known`; of what was let out, only literals before a secret are part."""
        automaton = self._automaton
        start = max(0, known - automaton.reach, min(known - automaton.let_out, sent - EDGE))
        ends = automaton.wakes.ends(text[start:])
        if not ends:
            return ()
        return [
            (rule, max(0, gone + start + end - back), max(0, gone + start + end - inside))
            for pattern, end in ends
            if start + end > known
            for rule, back, inside in automaton.woken[pattern]
        ]


def refused(pattern: str) -> str | None:
    """Why Hyperscan does not take a pattern; None when it does."""
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(expressions=[pattern.encode("latin-1")], ids=[0])
    except hyperscan.error as error:
        return str(error)
    return None


def built(patterns: Sequence[str], once: Sequence[bool] = ()) -> bytes:
    """An automaton for these patterns, as it is kept on disk; of those with `once`, only the first end is reported.

    Raises `PatternTooLarge` when one of them is.
    """
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_SINGLEMATCH if each else 0 for each in once] or [0] * len(patterns)
    expressions = [pattern.encode("latin-1") for pattern in patterns] or [NOWHERE]
    try:
        database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags or [0])
    except hyperscan.error as error:
        raise PatternTooLarge(str(error)) from None
    return bytes(hyperscan.dumpb(database))


NOWHERE = b"\\x00nowhere\\x00\\z"
"""What an automaton without patterns looks for."""


class Plain:
    """RE2's set of patterns: says which rules are somewhere in a text."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._set = _set_of([plan.wake for plan in plans])
        self.reach = max((plan.wake_back for plan in plans), default=0) + EDGE

    def places(self, data: bytes) -> Sequence[Place]:
        return [(rule, 0, len(data)) for rule in self._set.Match(data) or ()]

    def watch(self) -> Watch:
        return PlainWatch(self._set, self.reach)


class PlainWatch:
    """Searches each piece together with the end of what was before it."""

    def __init__(self, patterns: Any, reach: int) -> None:
        self._set = patterns
        self._reach = reach

    def feed(self, text: bytes, gone: int, known: int, sent: int) -> Sequence[Wake]:
        start = max(0, known - self._reach)
        return [(rule, gone + start, gone + start) for rule in self._set.Match(text[start:]) or ()]


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
