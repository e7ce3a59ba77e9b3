"""What a pattern is made of. Everything is bytes: a character beyond ASCII is the sequence of its UTF-8 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["text-start", "text-end", "line-start", "line-end", "word-edge", "not-word-edge"]


@dataclass(frozen=True, slots=True)
class Byte:
    """One byte out of a set: bit n of `mask` stands for byte n."""

    mask: int


@dataclass(frozen=True, slots=True)
class At:
    """A place between two bytes, which takes none."""

    place: Place


@dataclass(frozen=True, slots=True)
class Seq:
    """One after another; without parts it matches the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these, the first that fits before the later ones."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times (`None`: any number); as many as fit, or as few when `lazy`."""

    node: Node
    low: int
    high: int | None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose bounds are asked for: the n-th opening parenthesis, perhaps with a name."""

    node: Node
    number: int
    name: str | None = None


Node: TypeAlias = Byte | At | Seq | Either | Repeat | Group

EMPTY = Seq(())
ALL_BYTES = (1 << 256) - 1


def mask_of(values: bytes | range) -> int:
    """The set that holds these bytes."""
    mask = 0
    for value in values:
        mask |= 1 << value
    return mask


def flat(node: Node) -> tuple[Node, ...]:
    """The parts that follow each other, sequences inside sequences opened."""
    if isinstance(node, Seq):
        return tuple(inner for part in node.parts for inner in flat(part))
    return (node,)


def joined(parts: tuple[Node, ...]) -> Node:
    """One node out of parts that follow each other."""
    return parts[0] if len(parts) == 1 else Seq(parts)


def groups_in(node: Node) -> list[Group]:
    """Every group, in the order of their numbers."""
    if isinstance(node, Group):
        return [node, *groups_in(node.node)]
    if isinstance(node, Repeat):
        return groups_in(node.node)
    inner = node.parts if isinstance(node, Seq) else node.options if isinstance(node, Either) else ()
    return [group for part in inner for group in groups_in(part)]


def regrouped(node: Node, kept: frozenset[int]) -> Node:
    """The same pattern with only these groups left as groups."""
    if isinstance(node, Group):
        inner = regrouped(node.node, kept)
        return Group(inner, node.number, node.name) if node.number in kept else inner
    if isinstance(node, Repeat):
        return Repeat(regrouped(node.node, kept), node.low, node.high, node.lazy)
    if isinstance(node, Seq):
        return Seq(tuple(regrouped(part, kept) for part in node.parts))
    if isinstance(node, Either):
        return Either(tuple(regrouped(option, kept) for option in node.options))
    return node
