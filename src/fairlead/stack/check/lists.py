"""Lists of names: what stands twice is a slip, and some targets refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

_OF_SERVICES = (
    ("placement", "spread"),
    ("placement", "architectures"),
    ("hardening", "capabilities"),
    ("release", "shadow", "methods"),
    ("profiles",),
)
_OF_THE_STACK = (
    ("cloud", "regions"),
    ("pipeline", "systems"),
    ("pipeline", "platforms"),
    ("pipeline", "services"),
    ("pipeline", "publish"),
    ("pipeline", "approve"),
    ("pipeline", "security"),
    ("pipeline", "notify"),
    ("watching", "dashboards"),
    ("watching", "critical"),
    ("watching", "warning"),
    ("security", "frameworks"),
)


@rule
def nothing_stands_twice(stack: Stack) -> Iterator[Finding]:
    """Each name stands once in a list."""
    for here, service in services(stack):
        for keys in _OF_SERVICES:
            yield from _twice((*here, *keys), _at(service, keys))
    for name, store in stack.stores.items():
        yield from _twice(("stores", name, "topics"), store.topics)
    for keys in _OF_THE_STACK:
        yield from _twice(keys, _at(stack, keys))


def _at(value: Any, keys: Sequence[str]) -> list[str]:
    for key in keys:
        value = getattr(value, key, None)
    return list(value or [])


def _twice(where: KeyPath, names: list[str]) -> Iterator[Finding]:
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Finding((*where, n), f"`{name}` stands twice", "keep one of them")
