"""Lets each app of ours look at what a stack file says to it. An app is imported only when a stack has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from fairlead.daemon import guarding
from fairlead.engine.images.context import LOOKERS
from fairlead.stack.check.apps import CHECKERS, Said
from fairlead.stack.check.secrets import FINDERS


def heard() -> None:
    """From now on, what apps say belongs to what is wrong with a stack file, or keeps an image from being built."""
    CHECKERS["hub"] = _hub
    CHECKERS["guard"] = _guard
    FINDERS["guard"] = guarding.in_text
    LOOKERS["guard"] = guarding.in_context


def _hub(settings: dict[str, Any], given: Collection[str]) -> Iterator[Said]:
    from fairlead.apps.hub.checking import found  # large, and for few stacks

    for complaint in found(settings, given):
        missing = "give it in the service's `secrets`" if "the variable" in complaint.message else None
        yield complaint.path, complaint.message, complaint.hint or missing or "correct it, or take it out"


def _guard(settings: dict[str, Any], given: Collection[str]) -> Iterator[Said]:
    from fairlead.apps.guard.service.settings import complaints

    for path, message, hint in complaints(settings):
        yield path, message, hint or "correct it, or take it out"
