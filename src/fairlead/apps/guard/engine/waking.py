"""When a rule has to be looked at: the literal that every match of its pattern has, and what is known once it is seen.

Best is a literal before the secret, for nothing has to be held back until it is complete; then one that the secret
begins with; then one within it. A pattern without any is looked for as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fairlead.apps.guard.patterns.cutting import trimmed
from fairlead.apps.guard.patterns.tree import At, Byte, Either, Group, Node, Repeat, Seq, flat, joined
from fairlead.apps.guard.patterns.widths import least, most

NARROW = 4
"""A byte out of so few is as good as a literal (two cases, `-` or `_`)."""
LITERAL = 2
"""Bytes of a literal that is worth waking a rule for."""
FARTHEST = 1024
"""Bytes before a literal that are gone back for."""


@dataclass(frozen=True, slots=True)
class Waking:
    """What wakes a rule: `start` and `end` bound the literal in the row of parts, both 0 when there is none."""

    start: int
    end: int
    literal: Node
    back: float
    """Bytes from the end of the literal back to the farthest beginning of a match."""


def waking(before: tuple[Node, ...], inside: tuple[Node, ...]) -> Waking:
    """What wakes a rule whose secret begins between these parts."""
    row = before + inside
    start, end = _best(before, row)
    if not end:
        return _without(row)
    literal = joined((*edges(row, start), *row[start : end - 1], trimmed(row[end - 1])))
    return Waking(start, end, literal, most(joined(row[:end])))


def edges(parts: tuple[Node, ...], before: int) -> tuple[Node, ...]:
    """The places right before a part: a word's edge tells most texts from the beginning of a token."""
    start = before
    while start and isinstance(parts[start - 1], At):
        start -= 1
    return parts[start:before]


def _best(before: tuple[Node, ...], row: tuple[Node, ...]) -> tuple[int, int]:
    for starts in (range(len(before) + 1), range(len(before) + 1, len(row))):
        runs = [(_worth(row[start:end]), -start, end) for start in starts for end in [_run(before, row, start)]]
        good = [run for run in runs if run[0] >= LITERAL and most(joined(row[: run[2]])) <= FARTHEST]
        if good:
            _, start, end = max(good)
            return -start, end
    return 0, 0


def _run(before: tuple[Node, ...], row: tuple[Node, ...], start: int) -> int:
    """The end of the literal parts from one on; of a single part that is not quite literal, its end."""
    bound = len(before) if start < len(before) else len(row)
    end = start
    while end < bound and _narrow(row[end]):
        end += 1
    return end if end > start or start >= bound or not _worth(row[start : start + 1]) else start + 1


def _worth(parts: tuple[Node, ...]) -> int:
    """Bytes of the literal in parts, the least over all options."""
    return sum(map(_literal_bytes, parts)) if len(parts) != 1 else _literal_bytes(parts[0])


def _literal_bytes(node: Node) -> int:
    if _narrow(node):
        return least(node)
    if isinstance(node, Either):
        return min(map(_literal_bytes, node.options))
    if isinstance(node, Seq | Group):
        return _longest_literal(flat(node if isinstance(node, Seq) else node.node))
    return 0


def _longest_literal(parts: tuple[Node, ...]) -> int:
    """Bytes of the longest literal in parts that follow each other, however many of them it takes."""
    longest = here = 0
    for part in parts:
        here = here + least(part) if isinstance(part, At) or _narrow(part) else 0
        longest = max(longest, here, _literal_bytes(part))
    return longest


def _narrow(node: Node) -> bool:
    """Whether a part is as good as a literal."""
    if isinstance(node, Byte):
        return node.mask.bit_count() <= NARROW
    if isinstance(node, Group):
        return _narrow(node.node)
    if isinstance(node, Repeat):
        return node.high is not None and node.high <= NARROW and _narrow(node.node)
    if isinstance(node, Seq):
        return bool(least(node)) and all(isinstance(part, At) or _narrow(part) for part in node.parts)
    return isinstance(node, Either) and all(_narrow(option) and least(option) for option in node.options)


def _without(row: tuple[Node, ...]) -> Waking:
    """The longest beginning that has bounds."""
    for end in range(len(row), 0, -1):
        found = trimmed(joined(row[:end]))
        if most(found) <= FARTHEST and least(found) >= LITERAL:
            return Waking(0, 0, found, most(found))
    return Waking(0, 0, trimmed(joined(row)), math.inf)
