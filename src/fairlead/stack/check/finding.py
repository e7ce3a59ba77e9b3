"""What a rule has to say about a stack, and the register that rules enter themselves in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from fairlead.kit.yaml import KeyPath
from fairlead.stack.model import Stack


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong (`error`) or worth knowing (`note`) at a key."""

    path: KeyPath
    message: str
    hint: str | None = None
    severity: Literal["error", "note"] = "error"


Rule = Callable[[Stack], Iterator[Finding]]

RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    """Enter a rule in the register."""
    RULES.append(check)
    return check
