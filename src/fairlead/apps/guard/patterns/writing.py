"""Writes a tree as a pattern that RE2 (Latin-1) and Hyperscan read alike: only byte sets, explicit in every way."""

from __future__ import annotations

from functools import lru_cache

from fairlead.apps.guard.patterns.tree import ALL_BYTES, At, Byte, Either, Group, Node, Repeat, Seq

_PLACES = {
    "text-start": r"\A",
    "text-end": r"\z",
    "line-start": "(?m:^)",
    "line-end": "(?m:$)",
    "word-edge": r"\b",
    "not-word-edge": r"\B",
}


def written(node: Node, *, groups: bool = False) -> str:
    """The pattern as text; its groups are kept only when they are asked for."""
    if isinstance(node, Byte):
        return _set(node.mask)
    if isinstance(node, At):
        return _PLACES[node.place]
    if isinstance(node, Seq):
        return "".join(written(part, groups=groups) for part in node.parts)
    if isinstance(node, Either):
        return "(?:" + "|".join(written(option, groups=groups) for option in node.options) + ")"
    if isinstance(node, Group):
        return ("(" if groups else "(?:") + written(node.node, groups=groups) + ")"
    return _repeat(node, groups)


def _repeat(node: Repeat, groups: bool) -> str:
    inner = written(node.node, groups=groups)
    simple = isinstance(node.node, Byte | Either | Group)
    high = "" if node.high is None else str(node.high)
    times = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.low, node.high))
    times = times or (f"{{{node.low}}}" if node.low == node.high else f"{{{node.low},{high}}}")
    return (inner if simple else f"(?:{inner})") + times + ("?" if node.lazy else "")


@lru_cache(maxsize=4096)
def _set(mask: int) -> str:
    if mask.bit_count() == 1:
        return _byte(mask.bit_length() - 1)
    if mask == 0:
        return r"[^\x00-\xff]"
    inverted = mask.bit_count() > 128
    ranges = _ranges(ALL_BYTES & ~mask if inverted else mask)
    inner = "".join(_byte(low) if low == high else f"{_byte(low)}-{_byte(high)}" for low, high in ranges)
    return f"[^{inner}]" if inverted and inner else f"[{inner}]" if inner else r"[\x00-\xff]"


def _byte(value: int) -> str:
    char = chr(value)
    return char if value < 128 and (char.isalnum() or char == "_") else f"\\x{value:02x}"


def _ranges(mask: int) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    value = 0
    while mask >> value:
        if mask >> value & 1:
            low = value
            while mask >> (value + 1) & 1:
                value += 1
            ranges.append((low, value))
        value += 1
    return ranges
