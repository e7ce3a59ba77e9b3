"""The difference of two objects as a JSON patch (RFC 6902): exact, also where a list has no names to merge by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def patch(old: Any, new: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """The operations that make the new one of the old one, in the order in which they have to be done."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [key for key in old if key not in new]:
            yield {"op": "remove", "path": f"{path}/{_escaped(key)}"}
        for key, value in new.items():
            where = f"{path}/{_escaped(key)}"
            if key not in old:
                yield {"op": "add", "path": where, "value": value}
            else:
                yield from patch(old[key], value, where)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from patch(before, after, f"{path}/{number}")
    elif old != new or type(old) is not type(new):
        yield {"op": "replace", "path": path, "value": new}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
