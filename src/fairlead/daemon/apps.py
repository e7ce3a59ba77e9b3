"""Lets each app of ours look at what a stack file says to it. An app is imported only when a stack has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from fairlead.stack.check.apps import CHECKERS, Said


def heard() -> None:
    """From now on, what apps say of their settings belongs to what is wrong with a stack file."""
    CHECKERS["hub"] = _hub


def _hub(settings: dict[str, Any], given: Collection[str]) -> Iterator[Said]:
    from fairlead.apps.hub.checking import found  # large, and for few stacks

    for complaint in found(settings, given):
        missing = "give it in the service's `secrets`" if "the variable" in complaint.message else None
        yield complaint.path, complaint.message, complaint.hint or missing or "correct it, or take it out"
