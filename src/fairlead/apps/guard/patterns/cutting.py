"""What of a pattern has to match first (`trimmed`), and which texts could still become a match (`cut`)."""

from __future__ import annotations

from fairlead.apps.guard.patterns.tree import EMPTY, At, Byte, Either, Group, Node, Repeat, Seq, flat, joined
from fairlead.apps.guard.patterns.widths import least


def trimmed(node: Node) -> Node:
    """A pattern that matches a beginning of every match, and ends as early as it can.

    An automaton that looks for it reports one end where the whole pattern would report one for each further byte.
    """
    if isinstance(node, Seq):
        return _trimmed_sequence(node.parts)
    if isinstance(node, Either):
        return Either(tuple(map(trimmed, node.options)))
    if isinstance(node, Repeat):
        return _trimmed_repeat(node)
    return trimmed(node.node) if isinstance(node, Group) else node


def _trimmed_sequence(parts: tuple[Node, ...]) -> Node:
    kept = list(parts)
    while kept and not least(kept[-1]):
        kept.pop()
    if not kept:
        return EMPTY
    return joined((*kept[:-1], trimmed(kept[-1])))


def _trimmed_repeat(node: Repeat) -> Node:
    if node.low == 0:
        return EMPTY
    if isinstance(node.node, Byte):
        return Repeat(node.node, node.low, node.low)
    before = () if node.low == 1 else (Repeat(node.node, node.low - 1, node.low - 1),)
    return joined((*before, trimmed(node.node)))


def cut(node: Node) -> Node:
    """Every text that is the beginning of a match with something still open behind it.

    Open is a byte that has to come, one that may come, or a place (a word's edge, the end of the text) that only
    the next byte decides. A text that the result does not match can neither become a match nor a longer one.
    """
    if isinstance(node, Byte | At):
        return EMPTY
    if isinstance(node, Group):
        return cut(node.node)
    if isinstance(node, Either):
        return Either(tuple(map(cut, node.options)))
    if isinstance(node, Repeat):
        return _cut_repeat(node)
    return cut_sequence(node.parts)


def _cut_repeat(node: Repeat) -> Node:
    if node.high == 0:
        return EMPTY
    before = Repeat(node.node, 0, None if node.high is None else node.high - 1)
    return Seq((before, cut(node.node)))


def cut_sequence(parts: tuple[Node, ...]) -> Node:
    """The cut of parts that follow each other, nested so that each part is written once."""
    result: Node | None = None
    for part in reversed(parts):
        rest = None if result is None else Seq((part, result))
        result = cut(part) if rest is None else Either((cut(part), rest))
    return EMPTY if result is None else result


def begun(parts: tuple[Node, ...]) -> Node:
    """The cut of parts of which at least one byte is there, where that can be told; else the cut."""
    first, rest = parts[0], parts[1:]
    if isinstance(first, At) and rest:
        return Seq((first, begun(rest)))
    if isinstance(first, Group | Seq) and (inner := flat(first.node if isinstance(first, Group) else first)):
        return begun((*inner, *rest))
    if isinstance(first, Byte):
        return Seq((first, cut_sequence(rest)))
    if isinstance(first, Either) and all(map(least, first.options)):
        return Either(tuple(begun((*flat(option), *rest)) for option in first.options))
    if isinstance(first, Repeat) and isinstance(first.node, Byte) and first.low:
        more = Repeat(first.node, first.low - 1, None if first.high is None else first.high - 1)
        return Seq((first.node, cut_sequence((more, *rest))))
    return cut_sequence(parts)


def relaxed(node: Node, least_counted: int = 4) -> Node:
    """The same without counts above `least_counted`: matches all that the pattern does and more, with far fewer states.

    A union of patterns that count different sets of bytes has as many states as there are ways to be in all of them.
    """
    if isinstance(node, Repeat):
        inner = relaxed(node.node, least_counted)
        if node.high is not None and node.high <= least_counted:
            return Repeat(inner, node.low, node.high, node.lazy)
        return Repeat(inner, min(node.low, 1), None, node.lazy)
    if isinstance(node, Seq):
        return Seq(tuple(relaxed(part, least_counted) for part in node.parts))
    if isinstance(node, Either):
        return Either(tuple(relaxed(option, least_counted) for option in node.options))
    return Group(relaxed(node.node, least_counted), node.number, node.name) if isinstance(node, Group) else node


def opened(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """The parts without what may be left out at their beginning.

    `[\\w.]{0,50}key` finds the same keys as `key`, but begins on every word; a stream would wait on all of them.
    """
    while len(parts) > 1 and isinstance(parts[0], Repeat) and parts[0].low == 0 and not _holds_group(parts[0]):
        parts = parts[1:]
    return parts


def _holds_group(node: Node) -> bool:
    if isinstance(node, Group):
        return True
    if isinstance(node, Repeat):
        return _holds_group(node.node)
    inner = node.parts if isinstance(node, Seq) else node.options if isinstance(node, Either) else ()
    return any(map(_holds_group, inner))
