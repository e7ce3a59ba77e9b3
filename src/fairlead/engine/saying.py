"""How an operation tells a person what it does: a line for each step, and what it waits for."""

from __future__ import annotations

from typing import Protocol


class Say(Protocol):
    """Takes a level ("info", "progress", "warning", "output"), a subject (a service or "stack") and a sentence."""

    def __call__(self, level: str, subject: str, text: str) -> None: ...


def silent(level: str, subject: str, text: str) -> None:
    """Tells nobody."""
