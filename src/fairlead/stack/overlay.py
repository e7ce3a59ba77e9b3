"""Lays one environment of a stack file over the rest of it, key by key, and remembers where each value was written.

Mappings merge, everything else replaces, `null` takes a key out (RFC 7396). Two exceptions, because a plain merge would
hide a mistake: `null` stays where it has a meaning of its own, and a fixed `scale: 3` counts as the mapping it is
short for.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from fairlead.errors import Problem
from fairlead.kit import suggest
from fairlead.kit.yaml import Document, KeyPath

KEEPS_NULL = {("router", "http")}
"""Keys whose `null` says something that leaving them out does not."""


def overlaid(document: Document, environment: str) -> Document:
    """The document as that environment sees it; an unknown one is a problem."""
    known = document.data.get("environments")
    overlay = known.get(environment) if isinstance(known, dict) else None
    if not isinstance(known, dict) or environment not in known:
        return _unknown(document, environment, known if isinstance(known, dict) else {})
    if not isinstance(overlay, dict):
        return document
    layer = _Layer(document, ("environments", environment))
    data = layer.merged(document.data, overlay, ())
    return replace(document, data=data, lines=layer.lines)


def merged(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """The overlay merged over the base, without lines."""
    return _Layer(Document("", base, {}), ()).merged(base, overlay, ())


def _unknown(document: Document, environment: str, known: dict[str, Any]) -> Document:
    hint = suggest.hint(environment, known, none="declare it under `environments`")
    line = document.line(("environments",))
    problem = Problem(document.file, line, "environments", f"there is no environment `{environment}`", hint)
    return replace(document, problems=(*document.problems, problem))


class _Layer:
    """One overlay being merged, with the lines that its values bring along."""

    def __init__(self, document: Document, prefix: KeyPath) -> None:
        self.lines = dict(document.lines)
        self._prefix = prefix

    def merged(self, base: dict[str, Any], overlay: dict[str, Any], path: KeyPath) -> dict[str, Any]:
        result = dict(base)
        for key, value in overlay.items():
            here = (*path, key)
            below = _long_form(result.get(key), here)
            if isinstance(value, dict) and isinstance(below, dict):
                result[key] = self.merged(below, value, here)
            elif value is None and here not in KEEPS_NULL:
                result.pop(key, None)
                self._forget(here)
            else:
                result[key] = without_nulls(value)
                self._forget(here)
                self._bring(here)
        return result

    def _forget(self, path: KeyPath) -> None:
        for stale in [known for known in self.lines if known[: len(path)] == path]:
            del self.lines[stale]

    def _bring(self, path: KeyPath) -> None:
        source = (*self._prefix, *path)
        found = {known: line for known, line in self.lines.items() if known[: len(source)] == source}
        self.lines.update({known[len(self._prefix) :]: line for known, line in found.items()})


def _long_form(value: Any, path: KeyPath) -> Any:
    """A fixed scale as the mapping it is short for, so that an overlay of `max` alone keeps `min`."""
    fixed = type(value) is int or (isinstance(value, str) and "${" in value)
    if fixed and len(path) == 3 and path[0] == "services" and path[2] == "scale":
        return {"min": value, "max": value}
    return value


def without_nulls(value: Any) -> Any:
    """A copy of an overlay's new value, less the keys that it takes out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return deepcopy(value)
