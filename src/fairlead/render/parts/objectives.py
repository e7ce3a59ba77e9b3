"""What holds for a service: its own objectives, and where it has none, those of the stack as a whole."""

from __future__ import annotations

from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Objectives

TOGETHER = ("requests_per_second", "concurrent_users")
"""Objectives of a stack that its services meet together rather than each."""


def objectives_of(stack: Stack, name: str) -> Objectives:
    """Each key by itself; a service that promises something else is taken at its word."""
    own, whole = stack.services[name].objectives, stack.objectives
    given = {key for key in own.model_fields_set if getattr(own, key) is not None}
    taken = {key: getattr(whole, key) for key in whole.model_fields_set if key not in given and key not in TOGETHER}
    return own.model_copy(update=taken)
