"""One rule on one text: the exact bounds of a match, and whether what stands there passes the rule's checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fairlead.apps.guard.engine.packed import Entry
from fairlead.apps.guard.engine.plan import LONGEST
from fairlead.apps.guard.findings import Severity
from fairlead.apps.guard.generic.candidates import candidate
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.patterns.linear import Linear, Spans, linear

LINE = 256
"""Bytes before a match, in its line, that are looked at: for keywords, and for what a value is assigned to."""
SURE = 0.99
LIKELY = 0.9
"""How sure a match of an issuer's form is with a check that proves it, and without."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret in a text of bytes."""

    rule: str
    kind: str
    severity: Severity
    start: int
    end: int
    confidence: float
    generic: bool
    reasons: tuple[str, ...]

    def moved(self, by: int) -> Hit:
        """The same in a text that has so many bytes before this one."""
        return Hit(
            self.rule,
            self.kind,
            self.severity,
            self.start + by,
            self.end + by,
            self.confidence,
            self.generic,
            self.reasons,
        )


class Probe:
    """A rule with its patterns, compiled when they are first needed."""

    def __init__(self, entry: Entry, scorer: Scorer) -> None:
        self.entry = entry
        self.scorer = scorer
        self.checks = entry.made_checks()
        self.filters = entry.made_filters()
        self.keywords = tuple(word.encode() for word in entry.keywords)

    @cached_property
    def pattern(self) -> Linear:
        return linear(self.entry.plan.pattern)

    @cached_property
    def alive_pattern(self) -> Linear:
        return linear(self.entry.plan.alive, captures=False)

    @cached_property
    def hold_pattern(self) -> Linear | None:
        return linear(self.entry.plan.hold, captures=False) if self.entry.plan.hold else None

    def next(self, data: bytes, start: int) -> Spans | None:
        """The leftmost match from `start` on, none longer than `LONGEST`."""
        end = len(data)
        while spans := self.pattern.search(data, start, end):
            first, last = spans[0]
            if last - first <= LONGEST:
                return spans
            if shorter := self.pattern.match(data, first, first + LONGEST):
                return shorter
            start = first + 1
        return None

    def alive(self, data: bytes, start: int) -> int | None:
        """From where a match may be under way at the end of the text."""
        spans = self.alive_pattern.search(data, start, len(data))
        return spans[0][0] if spans and spans[0][0] < len(data) else None

    def held(self, data: bytes, alive: int) -> int:
        """From where a secret may be under way, given where the match is."""
        if self.hold_pattern is None:
            return alive
        spans = self.hold_pattern.search(data, alive, len(data))
        return spans[0][0] + 1 if spans else len(data)

    def judged(self, data: bytes, spans: Spans, path: str | None = None) -> Hit | None:
        """The secret that a match holds, if it is one."""
        start, end = whole_characters(data, *_secret(spans))
        line = data[line_start(data, spans[0][0]) : spans[0][1]]
        if self.keywords and not self._has_keyword(line.lower()):
            return None
        value = data[start:end].decode("utf-8", "replace")
        if not value or not all(check.passes(value) for check in self.checks):
            return None
        if self.filters and not self.filters.let_pass(data, spans[0], value, path):
            return None
        return self._scored(data, start, end, value) if self.entry.generic else self._sure(start, end)

    def _has_keyword(self, line: bytes) -> bool:
        return any(word in line for word in self.keywords)

    def _sure(self, start: int, end: int) -> Hit:
        proved = tuple(check.words for check in self.checks if check.kind.proves)
        reasons = (f"the form of {self.entry.issuer or self.entry.kind}", *proved)
        return self._hit(start, end, SURE if proved else LIKELY, reasons)

    def _scored(self, data: bytes, start: int, end: int, value: str) -> Hit | None:
        found = candidate(data, start, end, value)
        verdict = self.scorer.score(found)
        if verdict < self.scorer.threshold:
            return None
        return self._hit(start, end, verdict, self.scorer.reasons(found))

    def _hit(self, start: int, end: int, confidence: float, reasons: tuple[str, ...]) -> Hit:
        entry = self.entry
        return Hit(entry.id, entry.kind, entry.severity, start, end, confidence, entry.generic, reasons)


def _secret(spans: Spans) -> tuple[int, int]:
    """The first group that holds something, or the whole match."""
    return next((span for span in spans[1:] if span[1] > span[0]), spans[0])


def whole_characters(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Bounds that cut no character of UTF-8, moved outwards."""
    return character_start(data, start), character_end(data, end)


def character_start(data: bytes, at: int) -> int:
    """The beginning of the character that a byte belongs to; a place between two characters is one."""
    lowest = max(0, at - 3)
    here = at
    while lowest < here < len(data) and data[here] & 0xC0 == 0x80:
        here -= 1
    return here if here >= len(data) or data[here] & 0xC0 != 0x80 else at


def character_end(data: bytes, at: int) -> int:
    """The end of the character that the byte before this place belongs to."""
    highest = min(len(data), at + 3)
    here = at
    while here < highest and data[here] & 0xC0 == 0x80:
        here += 1
    return here


def line_start(data: bytes, at: int) -> int:
    """Where the line begins that a byte stands in, or `LINE` bytes before it."""
    lowest = max(0, at - LINE)
    return max(lowest, data.rfind(b"\n", lowest, at) + 1)


def resolved(hits: list[Hit]) -> list[Hit]:
    """The hits in order, without overlaps: a known form before a candidate, the longer before the shorter."""
    if len(hits) < 2:
        return hits
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _rank(hit: Hit) -> tuple[bool, int, float, int, str]:
    return hit.generic, hit.start - hit.end, -hit.confidence, hit.start, hit.rule
