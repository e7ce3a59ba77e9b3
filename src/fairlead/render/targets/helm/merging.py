"""One object for all environments: where they differ, the environment chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.render.targets.helm.marks import ABSENT, Alternative, Marks

PLAIN = ""
"""The stack without an environment."""


def merged(variants: Mapping[str, Any], marks: Marks) -> Any:
    """The object of every environment as one, with marks where it is another one; all are mappings."""
    keys = dict.fromkeys(key for variant in variants.values() for key in variant)
    return {key: _key({name: one.get(key, ABSENT) for name, one in variants.items()}, marks) for key in keys}


def _key(variants: Mapping[str, Any], marks: Marks) -> Any:
    values = list(variants.values())
    if all(one == values[0] for one in values):
        return values[0]
    if all(isinstance(one, dict) for one in values):
        return merged(variants, marks)
    if all(isinstance(one, list) for one in values) and (items := _items(variants, marks)) is not None:
        return items
    return marks.block("C", choices(variants))


def _items(variants: Mapping[str, list[Any]], marks: Marks) -> list[Any] | None:
    """Item by item, where that can be written: lists of one length, of mappings that share a key."""
    values = list(variants.values())
    if len({len(one) for one in values}) != 1 or not all(isinstance(item, dict) for one in values for item in one):
        return None
    found = []
    for number in range(len(values[0])):
        item = merged({name: one[number] for name, one in variants.items()}, marks)
        first = next(
            (key for key, value in item.items() if not (isinstance(value, str) and value in marks.blocks)), None
        )
        if first is None:
            return None
        found.append({first: item[first], **item})
    return found


def choices(variants: Mapping[str, Any]) -> list[Alternative]:
    """A value by environment, equal ones together, that of the plain stack as what holds otherwise."""
    groups: list[tuple[Any, list[str]]] = []
    for name, value in variants.items():
        known = next((names for other, names in groups if other is value or other == value), None)
        if known is None:
            groups.append((value, [name]))
        else:
            known.append(name)
    last = next(((value, names) for value, names in groups if PLAIN in names), None)
    found = [Alternative(condition(names), value) for value, names in groups if PLAIN not in names]
    kept = [one for one in found if one.value is not ABSENT]
    if last is not None and last[0] is not ABSENT:
        # those who have no such key have to be named too, or they would get the plain one
        return [*found, Alternative(None, last[0])]
    return kept


def condition(names: list[str]) -> str:
    """Whether the environment is one of these."""
    if len(names) == 1:
        return f'eq .Values.environment "{names[0]}"'
    return f"has .Values.environment (list {' '.join(chr(34) + name + chr(34) for name in names)})"
