"""Everything that a scan needs, built once from rules and kept on disk: plans, automata, the tail of streams."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from fairlead.apps.guard.engine import automaton
from fairlead.apps.guard.engine.packed import Entry, entry_of
from fairlead.apps.guard.engine.probe import Probe
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.patterns.linear import Linear, PatternTooLarge, linear
from fairlead.apps.guard.patterns.reading import PatternError
from fairlead.apps.guard.rules.model import Rule
from fairlead.errors import Problem

FORMAT = 1
"""To be raised when what is kept changes its form or its meaning."""

UNASKED = 400
"""Bytes of a trigger that Hyperscan takes for sure; whether it takes a larger one is tried out, which takes long."""
SIZES = (600, 500, UNASKED, 200, 100, 50)
"""What is tried when it does not."""
NOTHING = r"[^\x00-\xff]"
"""A pattern that matches nowhere."""

log = logging.getLogger(__name__)


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """What is kept on disk."""

    entries: tuple[Entry, ...]
    block: bytes
    wakes: bytes
    left_out: tuple[Problem, ...]


def key_of(files: Mapping[str, str], others: Mapping[str, str]) -> str:
    """The name of what is built from these rule files by this version of everything: equal contents, equal name."""
    digest = hashlib.sha256(f"{FORMAT} {automaton.version()}".encode())
    for origin in (files, others):
        digest.update(b"\0origin")
        for name, text in origin.items():
            for part in (name.encode(), text.encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def packed(rules: Iterable[Rule], left_out: Iterable[Problem] = ()) -> Packed:
    """Builds it all: seconds of work. A rule that an engine refuses is left out and named."""
    entries: list[Entry] = []
    problems = list(left_out)
    for rule in rules:
        try:
            entry = _fitting(rule)
        except (PatternError, PatternTooLarge) as error:
            problems.append(Problem("", 0, f"rule {rule.id}", f"pattern: {error}"))
        else:
            entries.append(entry)
    if not automaton.available():
        return Packed(tuple(entries), b"", b"", tuple(problems))
    plans = [entry.plan for entry in entries]
    block = automaton.built([plan.trigger for plan in plans], [not entry.generic for entry in entries])
    wakes = automaton.built(automaton.wakes_of(plans))
    return Packed(tuple(entries), block, wakes, tuple(problems))


def _fitting(rule: Rule) -> Entry:
    """A rule with what the engines take: a shorter trigger where Hyperscan refuses the whole one.

    Raises `PatternError`, and `PatternTooLarge` for what one of the engines refuses in any length.
    """
    entry = entry_of(rule)
    for pattern in (entry.plan.pattern, entry.plan.alive, entry.plan.hold or NOTHING):
        linear(pattern)
    if not automaton.available():
        return entry
    for largest in SIZES:
        if entry.plan.trigger_size <= UNASKED or not automaton.refused(entry.plan.trigger):
            return entry
        entry = entry_of(rule, largest)
    raise PatternTooLarge("hyperscan refuses every beginning of it")


class Pack:
    """What was built, ready to be used."""

    def __init__(self, kept: Packed, scorer: Scorer) -> None:
        self.entries = kept.entries
        self.left_out = kept.left_out
        self.probes = [Probe(entry, scorer) for entry in kept.entries]
        plans = [entry.plan for entry in kept.entries]
        self.automaton: automaton.Automaton
        if kept.block:
            often = [entry.generic for entry in self.entries]
            self.automaton = automaton.Hyperscan(plans, often, kept.block, kept.wakes)
        else:
            log.warning("hyperscan has no wheel for this machine: secrets are searched for with RE2 alone, slower")
            self.automaton = automaton.Plain(plans)
        self.reach = max((plan.wake_back for plan in plans), default=0)

    @cached_property
    def tail(self) -> Linear:
        """Matches from where a secret may be under way at the end of a text to that end."""
        pieces = dict.fromkeys(entry.plan.tail for entry in self.entries if entry.plan.tail)
        return linear(f"(?:{'|'.join(pieces) or NOTHING})\\z", captures=False)
