"""One rule on one text: the exact bounds of a match, and whether what stands there passes the rule's checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from fairlead.apps.guard.checks import Check, doubts
from fairlead.apps.guard.checks.randomness import looks_typed
from fairlead.apps.guard.engine.packed import Entry
from fairlead.apps.guard.engine.plan import LONGEST
from fairlead.apps.guard.findings import Severity
from fairlead.apps.guard.generic.candidates import candidate
from fairlead.apps.guard.generic.features import is_something_else
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.patterns.linear import Linear, Spans, linear

LINE = 256
"""Bytes before a match, in its line, that are looked at: for keywords, and for what a value is assigned to."""
REST = 8
"""Bytes of what is left of an overlapped secret that are still taken for one."""
MORE = 2
"""Bits for each byte of a secret beyond the shortest of its form."""
SURE = 0.99
LIKELY = 0.9
MADE_UP = 0.5
"""How sure a match of an issuer's form is with a check that proves it, without, and when it looks made up."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret in a text of bytes."""

    rule: str
    kind: str
    severity: Severity
    start: int
    end: int
    confidence: float
    bits: tuple[int, int]
    """How much the form of the secret and that of the match say: by it one rule goes before another."""
    reasons: tuple[str, ...]

    def at(self, start: int, end: int) -> Hit:
        """The same with other bounds."""
        return replace(self, start=start, end=end)

    def moved(self, by: int) -> Hit:
        """The same in a text that has so many bytes before this one."""
        return self.at(self.start + by, self.end + by)


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

    @cached_property
    def lead_pattern(self) -> Linear | None:
        return linear(self.entry.plan.lead, captures=False) if self.entry.plan.lead else None

    def leftmost(self, data: bytes, start: int, limit: int) -> Spans | None:
        """The leftmost match that begins at `start` or behind it and before `limit`.

        Where every match begins with a literal, that is looked for first: a long pattern with many repetitions has
        more states than RE2 can keep when it may begin anywhere, and few when it is known where.
        """
        if self.lead_pattern is None:
            spans = self.pattern.search(data, start, min(len(data), limit + LONGEST))
            return spans if spans and spans[0][0] < limit else None
        end = min(len(data), limit + self.entry.plan.wake_back)
        while (led := self.lead_pattern.search(data, start, end)) and led[0][0] < limit:
            start = led[0][0]
            if spans := self.pattern.match(data, start, len(data)):
                return spans
            start += 1
        return None

    def next(self, data: bytes, start: int, limit: int) -> Spans | None:
        """The same, with none longer than `LONGEST`."""
        while spans := self.leftmost(data, start, limit):
            first, last = spans[0]
            if last - first <= LONGEST:
                return spans
            if shorter := self.pattern.match(data, first, first + LONGEST):
                return shorter
            start = first + 1
        return None

    def alive(self, data: bytes, start: int) -> int | None:
        """From where a match may be under way at the end of the text."""
        end = len(data)
        if self.lead_pattern is None:
            spans = self.alive_pattern.search(data, start, end)
            return spans[0][0] if spans and spans[0][0] < end else None
        while led := self.lead_pattern.search(data, start, end):
            start = led[0][0]
            if self.alive_pattern.match(data, start, end):
                return start
            start += 1
        return None

    def held(self, data: bytes, alive: int, secret: int) -> int:
        """From where a secret may be under way, given from where on the match and the secret may be."""
        if self.hold_pattern is None:
            return alive
        spans = self.hold_pattern.search(data, max(alive, secret - 1), len(data))
        return spans[0][0] + 1 if spans else len(data)

    def judged(self, data: bytes, spans: Spans, path: str | None = None) -> Hit | None:
        """The secret that a match holds, if it is one."""
        start, end = whole_characters(data, *_secret(spans))
        if self.entry.generic:
            return self._scored(data, start, end, spans[0][0])
        line = data[line_start(data, spans[0][0]) : spans[0][1]]
        if self.keywords and not self._has_keyword(line.lower()):
            return None
        value = data[start:end].decode("utf-8", "replace")
        doubted = doubts(self.checks, value) if value else None
        if doubted is None:
            return None
        if self.filters and not self.filters.let_pass(data, spans[0], value, path):
            return None
        return self._doubted(start, end, value, doubted) if doubted else self._sure(start, end)

    def _has_keyword(self, line: bytes) -> bool:
        return any(word in line for word in self.keywords)

    def _sure(self, start: int, end: int) -> Hit:
        proved = tuple(check.words for check in self.checks if check.kind.proves)
        reasons = (f"the form of {self.entry.issuer or self.entry.kind}", *proved)
        return self._hit(start, end, SURE if proved else LIKELY, reasons)

    def _doubted(self, start: int, end: int, value: str, failed: tuple[Check, ...]) -> Hit:
        reasons = [f"the form of {self.entry.issuer or self.entry.kind}"]
        reasons += [f"its {check.words} does not fit: the issuer gave none such out" for check in failed]
        if looks_typed(value):
            return self._hit(start, end, MADE_UP, (*reasons, "typed rather than drawn"))
        return self._hit(start, end, LIKELY, tuple(reasons))

    def _scored(self, data: bytes, start: int, end: int, begin: int) -> Hit | None:
        if is_something_else(data, start, end):
            return None
        found = candidate(data, start, end, data[start:end].decode("utf-8", "replace"), begin)
        verdict = self.scorer.score(found)
        if verdict < self.scorer.threshold:
            return None
        return self._hit(start, end, verdict, self.scorer.reasons(found))

    def _hit(self, start: int, end: int, confidence: float, reasons: tuple[str, ...]) -> Hit:
        entry = self.entry
        secret, whole = entry.plan.bits
        more = MORE * max(0, end - start - entry.plan.least)
        bits = (0, 0) if entry.generic else (secret + more, whole)
        return Hit(
            entry.id,
            entry.kind,
            entry.severity,
            start,
            end,
            confidence,
            bits,
            reasons,
        )


def _secret(spans: Spans) -> tuple[int, int]:
    """The first group that holds something, or the whole match."""
    if len(spans) == 2 and spans[1][1] > spans[1][0]:
        return spans[1]
    return next((span for span in spans[1:] if span[1] > span[0]), spans[0])


def whole_characters(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Bounds that cut no character of UTF-8, moved outwards."""
    size = len(data)
    if (start >= size or data[start] & 0xC0 != 0x80) and (end >= size or data[end] & 0xC0 != 0x80):
        return start, end
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
    """The hits in order, without overlaps: the form that says most goes first, a candidate last, then the longer.

    Of a known form that goes behind, what is left of it and not short stays: a token within a longer secret does not
    make the rest of it harmless.
    """
    if len(hits) < 2:
        return hits
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        pieces = _outside(hit, kept)
        whole = pieces == [(hit.start, hit.end)]
        kept += [hit] if whole else [hit.at(*piece) for piece in pieces if hit.bits[0] and piece[1] - piece[0] >= REST]
    return sorted(kept, key=lambda hit: hit.start)


def _outside(hit: Hit, others: list[Hit]) -> list[tuple[int, int]]:
    """The parts of a hit that no other covers."""
    pieces = [(hit.start, hit.end)]
    for other in others:
        cut = [((start, min(end, other.start)), (max(start, other.end), end)) for start, end in pieces]
        pieces = [piece for two in cut for piece in dict.fromkeys(two) if piece[0] < piece[1]]
    return pieces


def _rank(hit: Hit) -> tuple[int, int, int, float, int, str]:
    return -hit.bits[0], -hit.bits[1], hit.start - hit.end, -hit.confidence, hit.start, hit.rule
