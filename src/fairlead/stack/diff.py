"""What differs between two stacks, key by key, in the words of the file.

Overlays are left out: what an environment changes shows in the keys that it changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fairlead.kit.yaml import KeyPath, dotted
from fairlead.stack import secretive
from fairlead.stack.model import Stack

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One key that was added, removed or changed; values as the file writes them (`30s`, `512Mi`)."""

    path: KeyPath
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None

    @property
    def key(self) -> str:
        """The path as people write it."""
        return dotted(self.path)


def diff(old: Stack | None, new: Stack | None) -> tuple[Change, ...]:
    """The changes from one stack to another; None is no stack at all."""
    return tuple(_changes(_data(old), _data(new), ()))


def describe(changes: tuple[Change, ...]) -> list[str]:
    """One line a change: `+ services.notes`, `~ services.web.scale.min: 1 -> 3`."""
    return [_line(change) for change in changes]


def _data(stack: Stack | None) -> dict[str, Any]:
    return stack.model_dump(mode="json", by_alias=True, exclude={"environments"}) if stack else {}


def _changes(old: Any, new: Any, path: KeyPath) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _changes(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif old is _ABSENT or (old is None and new is not None and new is not _ABSENT):
        yield Change(path, "added", None, new)
    elif new is _ABSENT or (new is None and old is not None):
        yield Change(path, "removed", old, None)
    elif old != new or type(old) is not type(new):
        yield Change(path, "changed", old, new)


def _line(change: Change) -> str:
    if change.kind == "changed":
        before, after = _shown(change.before, change.path), _shown(change.after, change.path)
        return f"~ {change.key}: {before} -> {after}"
    sign, value = ("+", change.after) if change.kind == "added" else ("-", change.before)
    return f"{sign} {change.key}" + ("" if isinstance(value, dict) else f": {_shown(value, change.path)}")


def _shown(value: Any, path: KeyPath) -> str:
    if isinstance(value, str) and (secretive.form(value) or secretive.name(str(path[-1]))):
        return "(hidden)"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item, path) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(item, (*path, key))}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value) if value != "" else '""'
