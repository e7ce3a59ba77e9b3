"""Puts variables into a stack file: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`; `$$` is a dollar.

Only in values that are text, never in keys, and not in overlays that are not asked for. What a variable held is
never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.errors import Problem
from fairlead.kit import suggest
from fairlead.kit.yaml import Document, KeyPath, dotted
from fairlead.stack import secretive

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<how>[-?])(?P<rest>[^{}]*))?\}|(?P<bad>\{))"
)


@dataclass(slots=True)
class Interpolation:
    """A document's data with variables put in, and where that happened."""

    data: Any = None
    variables: dict[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    """The names that went into each value."""
    missing: set[KeyPath] = field(default_factory=set)
    """Values that could not be made; what is said of them is said already."""
    problems: list[Problem] = field(default_factory=list)


def interpolated(document: Document, environ: Mapping[str, str]) -> Interpolation:
    """The document's data with every variable replaced."""
    filler = _Filler(document, environ)
    filler.result.data = filler.value(document.data, ())
    return filler.result


def needs_variables(text: str) -> bool:
    """Whether a text has a variable in it."""
    return any(match["name"] for match in _VARIABLE.finditer(text))


class _Filler:
    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self.result = Interpolation()

    def value(self, value: Any, path: KeyPath) -> Any:
        if path == ("environments",):
            return value
        if isinstance(value, dict):
            return {key: self.value(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, (*path, n)) for n, item in enumerate(value)]
        return self._text(value, path) if isinstance(value, str) and "$" in value else value

    def _text(self, text: str, path: KeyPath) -> str:
        names = tuple(match["name"] for match in _VARIABLE.finditer(text) if match["name"])
        if names:
            self.result.variables[path] = names
        return _VARIABLE.sub(lambda match: self._replacement(match, path), text)

    def _replacement(self, match: re.Match[str], path: KeyPath) -> str:
        if match["dollar"]:
            return "$"
        if match["bad"]:
            hint = "it is `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; `$$` is a plain dollar"
            return self._wrong(path, "has a `${` that is no variable", hint)
        name: str = match["name"]
        if secretive.name(name):
            return self._wrong(path, f"`${{{name}}}` looks like a secret", secretive.MEND)
        found = self._environ.get(name, "")
        if found or (match["how"] is None and name in self._environ):
            return found
        return match["rest"] if match["how"] == "-" else self._absent(name, match["rest"], path)

    def _absent(self, name: str, why: str | None, path: KeyPath) -> str:
        message = f"the variable `{name}` is not set" + (f": {why}" if why else "")
        near = suggest.nearest(name, [known for known in self._environ if not secretive.name(known)])
        hint = f"did you mean `${{{near}}}`?" if near else f"set it, or give a default: `${{{name}:-…}}`"
        return self._wrong(path, message, hint)

    def _wrong(self, path: KeyPath, message: str, hint: str) -> str:
        self.result.missing.add(path)
        line = self._document.line(path)
        self.result.problems.append(Problem(self._document.file, line, dotted(path), message, hint))
        return ""
