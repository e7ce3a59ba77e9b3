"""What the engines need of one pattern: where to look, what to verify, and when a stream has to wait.

A match is at most `LONGEST` bytes long, everywhere: what is longer is looked at up to there.
"""

from __future__ import annotations

import math

import msgspec

from fairlead.apps.guard.engine.waking import LITERAL, Waking, edges, waking
from fairlead.apps.guard.patterns.cutting import begun, cut_sequence, opened, relaxed, trimmed
from fairlead.apps.guard.patterns.tree import At, Byte, Either, Group, Node, Seq, flat, groups_in, joined, regrouped
from fairlead.apps.guard.patterns.widths import bits, last_bytes, least, most, size
from fairlead.apps.guard.patterns.writing import written

CLOSE = 4
"""Bytes before a secret that are asked for as they are; of more, only the last."""
LONGEST = 16 << 10
"""Bytes of the longest match, and of what a stream holds back for one."""


class Plan(msgspec.Struct, frozen=True, array_like=True):
    """A pattern, prepared. Texts are patterns for RE2 and Hyperscan; `*_back` are bytes."""

    pattern: str
    """The whole, with the groups that may hold the secret."""
    bits: tuple[int, int]
    """How much the form of the secret says, and that of the whole: minus the logarithm of the chance that random bytes
    have it."""
    least: int
    """Bytes of the shortest secret."""
    trigger: str
    """Matches the beginning of every match."""
    trigger_back: int
    """From the end of the trigger back to the farthest beginning of a match."""
    trigger_size: int
    """Bytes that it names, repetitions written out."""
    wake: str
    """The literal that a stream waits for."""
    wake_width: int
    wake_back: int
    wake_kept: bool
    """Whether what the wake is a part of is held back until the wake is complete."""
    lead: str
    """What every match begins with, quick to find: a literal, or the beginning of a line; empty when there is none."""
    tail: str
    """What a stream may not let out before the wake is seen: its beginnings, at the end of the text."""
    tail_width: int
    """Bytes that the tail is at most: without counts, it may match farther back than a secret can begin."""
    head: tuple[str, ...]
    """The same as byte sets in a row of which not the last is there, where it is so simple; `tail` is empty then."""
    head_place: str
    """What has to hold before the head."""
    alive: str
    """Matches from where a match could be under way to the end of the text; where `hold` says what is held back, it may
    match a little longer, with fewer states."""
    hold: str
    """Matches from the byte before where a secret is or may be under way; empty: it is where the match is."""


def planned(tree: Node, secret: tuple[int, ...], largest: float = math.inf) -> Plan:
    """The plan of a pattern whose groups `secret` may hold the secret; its trigger names at most `largest` bytes."""
    parts = opened(flat(regrouped(tree, frozenset(secret))))
    before, inside = _split(parts)
    wakes = waking(before, inside)
    head = _head(before, inside, wakes)
    hold = _hold(before, inside)
    trigger = _trigger(flat(regrouped(joined(parts), frozenset())), largest)
    return Plan(
        pattern=written(joined(parts), groups=True),
        bits=(int(bits(joined(secret_parts(parts)))), int(bits(joined(parts)))),
        least=least(joined(secret_parts(parts))),
        trigger=written(trigger),
        trigger_back=_bounded(most(trigger)),
        trigger_size=size(trigger),
        wake=written(wakes.literal),
        wake_width=_bounded(most(wakes.literal)),
        wake_back=_bounded(wakes.back),
        wake_kept=not wakes.end or wakes.start >= len(before),
        lead=_lead(before + inside, wakes),
        tail="" if head else _tail(before, inside, wakes),
        tail_width=_bounded(most(joined((before + inside)[: wakes.end] or before + inside))),
        head=head,
        head_place=written(joined(before)) if head else "",
        alive=f"(?:{written(cut_sequence(tuple(map(relaxed, parts)) if hold else parts))})\\z",
        hold=hold,
    )


def _trigger(parts: tuple[Node, ...], largest: float) -> Node:
    """What has to match first, as far as an automaton can hold it."""
    for end in range(len(parts), 0, -1):
        found = trimmed(joined(parts[:end]))
        if size(found) <= largest and least(found) >= LITERAL:
            return found
    return trimmed(joined(parts))


def _lead(row: tuple[Node, ...], wakes: Waking) -> str:
    if wakes.end and not most(joined(row[: wakes.start])):
        return written(wakes.literal)
    return written(row[0]) if isinstance(row[0], At) and row[0].place == "line-start" else ""


def _bounded(width: float) -> int:
    return LONGEST if math.isinf(width) else min(int(width), LONGEST)


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


def secret_parts(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """The secret alone, where it can be told."""
    groups = groups_in(joined(parts))
    return flat(groups[0].node) if len(groups) == 1 else parts


def _last(before: tuple[Node, ...]) -> Node:
    """The byte before the secret."""
    return Byte(last_bytes(joined(before)))


def _tail(before: tuple[Node, ...], inside: tuple[Node, ...], wakes: Waking) -> str:
    """What may be the beginning of a secret before its rule is awake."""
    if wakes.end and wakes.start < len(before):
        return ""
    at_literal = wakes.end > 0 and wakes.start == len(before)
    open_part = begun(tuple(map(relaxed, (before + inside)[wakes.start : wakes.end] if at_literal else inside)))
    places = edges(before, len(before))
    if places or most(joined(before)) <= CLOSE:
        return written(Seq((*(places or before), open_part)))
    if least(joined(before)):
        return written(Seq((_last(before), open_part)))
    return written(open_part if at_literal else cut_sequence(tuple(map(relaxed, before + inside))))


def _head(before: tuple[Node, ...], inside: tuple[Node, ...], wakes: Waking) -> tuple[str, ...]:
    """The literal that a secret begins with, when it is bytes in a row and little stands before it."""
    literal = tuple(part for node in (before + inside)[wakes.start : wakes.end] for part in flat(node))
    simple = all(isinstance(part, Byte) for part in literal) and most(joined(before)) <= CLOSE
    return tuple(map(written, literal)) if simple and wakes.start == len(before) else ()


def _hold(before: tuple[Node, ...], inside: tuple[Node, ...]) -> str:
    """The byte before a secret, and one that is under way at the end of the text or complete.

    A complete one counts too: a later one may still take its place, or not.
    """
    if not least(joined(before)):
        return ""
    under_way = Seq((cut_sequence(inside), At("text-end")))
    return written(Seq((_last(before), Either((under_way, joined(inside))))))
