"""What one look at the machine has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`missing` is needed and not there; `warning` works, but less well than it could."""

    name: str
    state: State
    text: str
    hint: str | None = None


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(name, "ok", text)


def missing(name: str, text: str, hint: str) -> Finding:
    """Something needed is not there; `hint` says how to get it."""
    return Finding(name, "missing", text, hint)


def warning(name: str, text: str, hint: str | None = None) -> Finding:
    """Something could be better."""
    return Finding(name, "warning", text, hint)
