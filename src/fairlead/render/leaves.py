"""The keys of a stack that somebody has set: what a target must either say or name as left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.kit.yaml import KeyPath
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack


def leaves(stack: Stack) -> Iterator[KeyPath]:
    """Every key that differs from its default, to its innermost part."""
    yield from _inner(_said(stack), ())


def matches(pattern: str, path: KeyPath) -> bool:
    """Whether a pattern names a key or something above it; `*` is one name."""
    words = pattern.split(".")
    return len(words) <= len(path) and all(word in ("*", str(part)) for word, part in zip(words, path, strict=False))


def left_out(stack: Stack, patterns: Mapping[str, str]) -> Iterator[Unsupported]:
    """Those of a target's standing exceptions (pattern -> why) that this stack has a key for."""
    data = _said(stack)
    for pattern, why in patterns.items():
        if _leads(data, pattern.split(".")):
            yield Unsupported(pattern, why)


def _said(stack: Stack) -> Any:
    return stack.model_dump(mode="json", by_alias=True, exclude={"environments"}, exclude_defaults=True)


def _leads(value: Any, words: list[str]) -> bool:
    if not words:
        return True
    first, *rest = words
    if isinstance(value, list):
        return first == "*" and any(_leads(inner, rest) for inner in value)
    if not isinstance(value, dict):
        return False
    if first == "*":
        return any(_leads(inner, rest) for inner in value.values())
    return first in value and _leads(value[first], rest)


def _inner(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _inner(inner, (*path, key))
    else:
        yield path
