"""What the engines need of one pattern: where to look, what to verify, and when a stream has to wait.

A match is at most `LONGEST` bytes long, everywhere: what is longer is looked at up to there.
"""

from __future__ import annotations

import math

import msgspec

from fairlead.apps.guard.patterns.cutting import cut_sequence, opened, trimmed
from fairlead.apps.guard.patterns.tree import (
    At,
    Byte,
    Either,
    Group,
    Node,
    Repeat,
    Seq,
    flat,
    groups_in,
    joined,
    regrouped,
)
from fairlead.apps.guard.patterns.widths import last_bytes, least, most
from fairlead.apps.guard.patterns.writing import written

LONGEST = 16 << 10
"""Bytes of the longest match, and of what a stream holds back for one."""
NARROW = 4
"""A byte out of so few is as good as a literal (two cases, `-` or `_`)."""
LITERAL = 2
"""Bytes of a literal that is worth waking a rule for."""


class Plan(msgspec.Struct, frozen=True, array_like=True):
    """A pattern, prepared. Texts are patterns for RE2 and Hyperscan; `*_back` are bytes."""

    pattern: str
    """The whole, with the groups that may hold the secret."""
    trigger: str
    """Matches the beginning of every match."""
    trigger_back: int
    """From the end of the trigger back to the farthest beginning of a match."""
    wake: str
    """What a stream waits for: a literal, if there is one."""
    wake_back: int
    tail: str
    """What a stream may not let out before the wake is seen: its beginnings, at the end of the text."""
    alive: str
    """Matches from where a match could be under way to the end of the text."""
    hold: str
    """The same, but from the byte before the secret; empty: the secret is where the match is."""


def planned(tree: Node, secret: tuple[int, ...]) -> Plan:
    """The plan of a pattern whose groups `secret` may hold the secret."""
    parts = opened(flat(regrouped(tree, frozenset(secret))))
    before, inside = _split(parts)
    row = before + inside
    start, end = _literal(before, row)
    trigger = trimmed(joined(parts))
    wake = joined((*_edges(before, start), *row[start:end])) if end else trigger
    return Plan(
        pattern=written(joined(parts), groups=True),
        trigger=written(trigger),
        trigger_back=_bounded(most(trigger)),
        wake=written(wake),
        wake_back=_bounded(most(joined(row[:end])) if end else most(trigger)),
        tail=_tail(before, inside, start, end),
        alive=_ended(cut_sequence(parts)),
        hold=_ended(Seq((_last(before), cut_sequence(inside)))) if least(joined(before)) else "",
    )


def _bounded(width: float) -> int:
    return LONGEST if math.isinf(width) else min(int(width), LONGEST)


def _ended(node: Node) -> str:
    return f"(?:{written(node)})\\z"


def _last(before: tuple[Node, ...]) -> Node:
    """The byte before the secret."""
    return Byte(last_bytes(joined(before)))


def _split(parts: tuple[Node, ...]) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What stands before the secret, and the secret with what follows it; places alone when it can't be told."""
    groups = groups_in(joined(parts))
    for index, part in enumerate(parts):
        if isinstance(part, Group) and len(groups) == 1:
            return parts[:index], (*flat(part.node), *parts[index + 1 :])
    places = 0
    while places < len(parts) and isinstance(parts[places], At):
        places += 1
    return parts[:places], parts[places:]


def _narrow(node: Node) -> bool:
    """Whether a part is as good as a literal."""
    if isinstance(node, Byte):
        return node.mask.bit_count() <= NARROW
    if isinstance(node, Group):
        return _narrow(node.node)
    if isinstance(node, Repeat):
        return node.low == node.high and _narrow(node.node)
    if isinstance(node, Seq):
        return all(map(_narrow, node.parts))
    return isinstance(node, Either) and all(_narrow(option) and least(option) for option in node.options)


def _literal(before: tuple[Node, ...], row: tuple[Node, ...]) -> tuple[int, int]:
    """The bounds, in the row of all parts, of the longest literal before the secret or at its beginning; (0, 0): none.

    For one before the secret nothing has to be held back, so the one at its beginning has to be longer.
    """
    best, worth = (0, 0), LITERAL - 1
    for start in range(len(before) + 1):
        bound = len(before) if start < len(before) else len(row)
        end = start
        while end < bound and _narrow(row[end]):
            end += 1
        found = least(joined(row[start:end]))
        if found > worth and not math.isinf(most(joined(row[:end]))):
            best, worth = (start, end), found
    return best


def _tail(before: tuple[Node, ...], inside: tuple[Node, ...], start: int, end: int) -> str:
    """What may be the beginning of a secret before its rule is awake."""
    if end and start < len(before):
        return ""
    open_part = cut_sequence((before + inside)[start:end] if end else inside)
    edges = _edges(before, len(before))
    if edges or not most(joined(before)):
        return written(Seq((*edges, open_part)))
    if least(joined(before)):
        return written(Seq((_last(before), open_part)))
    return written(open_part if end else cut_sequence(before + inside))


def _edges(parts: tuple[Node, ...], before: int) -> tuple[Node, ...]:
    """The places right before a part: a word's edge tells most texts from the beginning of a token."""
    start = before
    while start and start <= len(parts) and isinstance(parts[start - 1], At):
        start -= 1
    return parts[start:before]
