"""Look-alikes as they are in the wild: what the guard's own patterns find in trees of published code.

Such trees hold next to no secrets. Lines of tests that assign something to a password are left out, for there they do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from bench.guard.corpus import texts
from tools.guard_model.rows import Row

from fairlead.apps.guard.engine import cache as kept
from fairlead.apps.guard.generic.candidates import PAIR, Candidate, candidate
from fairlead.apps.guard.generic.features import features
from fairlead.apps.guard.library import Library, pack_of

EACH = 300
"""Rows of one package at most, of each kind."""
_TESTS = re.compile(r"(?i)test|example|sample|fixture|demo|spec")
_ASSIGNED = re.compile(rb"([A-Za-z_][\w.-]{1,40})[\"']?\s?[:=]\s?[\"']([^\"'\s\\]{4,90})[\"']")
_HARMLESS = ("placeholder", "template", "a name", "path or URL", "code", "a number", "names something else")


class Gatherer:
    """Takes the place of a scorer, and finds nothing a secret."""

    threshold = 1.0
    information: Mapping[str, float] = {}

    def __init__(self) -> None:
        self.seen: list[Candidate] = []

    def score(self, candidate: Candidate) -> float:
        """Noted."""
        self.seen.append(candidate)
        return 0.0

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """None."""
        return ()


def gathered(trees: Sequence[Path], seed: int) -> list[Row]:
    """The candidates of these trees, each once, and as many values of other names."""
    gatherer = Gatherer()
    library = Library(pack_of(kept.default_folder(), scorer=gatherer))
    lot = Random(seed)
    known: set[tuple[str, str]] = set()
    counts: Counter[tuple[str, bool]] = Counter()
    rows: list[Row] = []
    for tree in trees:
        for path, data in texts(tree):
            package = path.relative_to(tree).parts[0].removesuffix(".py")
            library.scan_bytes(data)
            found, gatherer.seen = gatherer.seen, []
            tests = _TESTS.search(str(path.relative_to(tree))) is not None
            rows += _taken(found, package, tests, known, counts, lot)
            if counts[package, False] < EACH and lot.random() < 0.3:
                rows += _taken(_others(data, lot), f"{package}", False, known, counts, lot, other=True)
    return rows


def _taken(
    found: Sequence[Candidate], package: str, tests: bool, known: set[tuple[str, str]],
    counts: Counter[tuple[str, bool]], lot: Random, *, other: bool = False,
) -> Iterator[Row]:  # fmt: skip
    for one in found:
        key = (one.value, one.variable)
        if key in known or counts[package, other] >= EACH or (tests and _may_be_one(one)):
            continue
        known.add(key)
        counts[package, other] += 1
        shown = one if lot.random() < 0.75 else Candidate(one.value, one.variable, f"{one.variable} = ", "")
        yield Row(shown, False, f"natural {package}", "natural")


def _may_be_one(one: Candidate) -> bool:
    signs = features(one)
    return not any(name in signs for name in _HARMLESS)


def _others(data: bytes, lot: Random) -> list[Candidate]:
    """A few values of a file that are assigned to anything."""
    found = [match.span(2) for match in _ASSIGNED.finditer(data[:200_000])]
    chosen = lot.sample(found, min(4, len(found)))
    return [
        candidate(data, start, end, data[start:end].decode("utf-8", "replace"), max(0, start - PAIR))
        for start, end in chosen
    ]
