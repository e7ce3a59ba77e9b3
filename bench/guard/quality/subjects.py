"""What is planted: secrets that have to be found, and look-alikes that have to be left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bench.guard.quality.draws import Draw

Group = Literal["issuer", "key", "password", "look-alike"]
"""A token in an issuer's form; a key without one; a password; none of them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One sort of value, the names that people give it, and how one is made."""

    group: Group
    kind: str
    names: tuple[str, ...]
    """In upper case with underscores; files write them as is the custom there."""
    make: Callable[[Draw], str]
    issuer: str = ""
    fits: str = "any"
    """Where it may stand: `any`, `quoted` (it has spaces or marks), `block` (it has lines)."""
    core: Callable[[str], str] = str
    """The part of it that must not be seen: of a URL, its password."""


def token(
    issuer: str,
    kind: str,
    names: str,
    make: Callable[[Draw], str],
    fits: str = "any",
    core: Callable[[str], str] = str,
) -> Subject:
    """One of an issuer's tokens; names are parted by blanks."""
    return Subject("issuer", f"{issuer}: {kind}", tuple(names.split()), make, issuer, fits, core)
