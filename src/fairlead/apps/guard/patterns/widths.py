"""How many bytes a pattern takes, and which byte it can end on."""

from __future__ import annotations

import math

from fairlead.apps.guard.patterns.tree import At, Byte, Either, Group, Node, Repeat, Seq


def least(node: Node) -> int:
    """The fewest bytes that a match has."""
    if isinstance(node, Byte):
        return 1
    if isinstance(node, Seq):
        return sum(map(least, node.parts))
    if isinstance(node, Either):
        return min(map(least, node.options))
    if isinstance(node, Repeat):
        return node.low * least(node.node)
    return least(node.node) if isinstance(node, Group) else 0


def most(node: Node) -> float:
    """The most bytes that a match has; infinite when nothing bounds it."""
    if isinstance(node, Byte):
        return 1
    if isinstance(node, Seq):
        return sum(map(most, node.parts))
    if isinstance(node, Either):
        return max(map(most, node.options))
    if isinstance(node, Repeat):
        inner = most(node.node)
        return 0 if inner == 0 else math.inf if node.high is None else inner * node.high
    return most(node.node) if isinstance(node, Group) else 0


def size(node: Node) -> int:
    """How many bytes the pattern names when every repetition is written out: what an automaton has to hold."""
    if isinstance(node, Byte):
        return 1
    if isinstance(node, Seq):
        return sum(map(size, node.parts))
    if isinstance(node, Either):
        return sum(map(size, node.options))
    if isinstance(node, Repeat):
        return size(node.node) * max(1, node.low, node.high or 0)
    return size(node.node) if isinstance(node, Group) else 0


def bits(node: Node) -> float:
    """How much a match says, in bits: eight for a byte that is given, four for one out of sixteen."""
    if isinstance(node, Byte):
        return 8 - math.log2(node.mask.bit_count() or 1)
    if isinstance(node, Seq):
        return sum(map(bits, node.parts))
    if isinstance(node, Either):
        return min(map(bits, node.options))
    if isinstance(node, Repeat):
        return node.low * bits(node.node)
    return bits(node.node) if isinstance(node, Group) else 0


def last_bytes(node: Node) -> int:
    """The set of bytes on which a match can end; of an empty match it says nothing."""
    if isinstance(node, Byte):
        return node.mask
    if isinstance(node, At):
        return 0
    if isinstance(node, Group | Repeat):
        return last_bytes(node.node)
    if isinstance(node, Either):
        return _union(node.options)
    mask = 0
    for part in reversed(node.parts):
        mask |= last_bytes(part)
        if least(part):
            break
    return mask


def _union(nodes: tuple[Node, ...]) -> int:
    mask = 0
    for node in nodes:
        mask |= last_bytes(node)
    return mask
