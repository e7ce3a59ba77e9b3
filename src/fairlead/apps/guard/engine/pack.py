"""Everything that a scan needs, built once from rules and kept on disk: plans, automata, the tail of streams."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from fairlead.apps.guard.engine import automaton
from fairlead.apps.guard.engine.bundles import bundled
from fairlead.apps.guard.engine.packed import Entry, entry_of
from fairlead.apps.guard.engine.probe import Probe
from fairlead.apps.guard.engine.tails import NOTHING, tail_of
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.patterns.linear import Linear, PatternTooLarge, linear
from fairlead.apps.guard.patterns.reading import PatternError
from fairlead.apps.guard.rules.model import Rule
from fairlead.errors import Problem

BUILDERS = (Path(__file__).parent, Path(__file__).parent.parent / "patterns")
"""Folders of the code that what is kept depends on."""

SIZES = (600, 300, 150, 50)
"""Bytes of the largest trigger: what Hyperscan nearly always takes, and what is tried when it does not."""
TAIL_MEMORY = 64 << 20
"""Bytes that the tail's states may take: it is asked for each piece of a stream, and forgets nothing then."""

log = logging.getLogger(__name__)


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """What is kept on disk."""

    entries: tuple[Entry, ...]
    block: bytes
    wakes: bytes
    left_out: tuple[Problem, ...]


def key_of(files: Mapping[str, str], others: Mapping[str, str]) -> str:
    """The name of what is built from these rule files by this code: equal contents, equal name."""
    digest = hashlib.sha256(automaton.version().encode())
    for path in (path for folder in BUILDERS for path in sorted(folder.glob("*.py"))):
        digest.update(path.read_bytes())
    for origin in (files, others):
        digest.update(b"\0origin")
        for name, text in origin.items():
            for part in (name.encode(), text.encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def packed(rules: Iterable[Rule], left_out: Iterable[Problem] = ()) -> Packed:
    """Builds it all: seconds of work. A rule that an engine refuses is left out and named."""
    problems = list(left_out)
    entries = _each(rules, _verified, problems)
    if not automaton.available():
        return Packed(tuple(entry for _, entry in entries), b"", b"", tuple(problems))
    try:
        return _with_automata([entry for _, entry in entries], problems)
    except PatternTooLarge:
        fitting = _each((rule for rule, _ in entries), _fitting, problems)
        return _with_automata([entry for _, entry in fitting], problems)


def _each(rules: Iterable[Rule], prepare: Callable[[Rule], Entry], problems: list[Problem]) -> list[tuple[Rule, Entry]]:
    """The rules that can be prepared; of the others, what is wrong."""
    entries: list[tuple[Rule, Entry]] = []
    for rule in rules:
        try:
            entries.append((rule, prepare(rule)))
        except (PatternError, PatternTooLarge) as error:
            problems.append(Problem("", 0, f"rule {rule.id}", f"pattern: {error}"))
    return entries


def _with_automata(entries: list[Entry], problems: list[Problem]) -> Packed:
    plans = [entry.plan for entry in entries]
    block = automaton.built([plan.trigger for plan in plans], [not entry.generic for entry in entries])
    wakes = automaton.built(automaton.wakes_of(plans))
    return Packed(tuple(entries), block, wakes, tuple(problems))


def _verified(rule: Rule) -> Entry:
    """A rule with what RE2 takes. Raises `PatternError`, and `PatternTooLarge`."""
    entry = entry_of(rule, SIZES[0])
    for pattern in (entry.plan.pattern, entry.plan.alive, entry.plan.hold or NOTHING):
        linear(pattern)
    return entry


def _fitting(rule: Rule) -> Entry:
    """A rule with what Hyperscan takes too: the longest trigger that it does not refuse, which takes long to find."""
    for largest in SIZES:
        entry = entry_of(rule, largest)
        if not automaton.refused(entry.plan.trigger):
            break
    if reason := automaton.refused(entry.plan.trigger) or automaton.refused(entry.plan.wake):
        raise PatternTooLarge(reason)
    return entry


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
        self.bundles = bundled(kept.entries)
        self.tail_width = max((plan.tail_width for plan in plans if plan.tail), default=0)
        self.reach = max((plan.wake_back for plan in plans), default=0)

    @cached_property
    def tail(self) -> Linear:
        """Matches from where a secret may be under way at the end of a text to that end."""
        return linear(tail_of(entry.plan for entry in self.entries), captures=False, memory=TAIL_MEMORY)
