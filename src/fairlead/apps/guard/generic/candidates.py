"""A value that may be a secret, with what stands before it: all that a scorer sees, the same in a file and a stream."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.apps.guard.patterns.linear import linear

_BEFORE = 120
"""Bytes of the line before a value that a scorer sees."""
_NAME = linear(
    r"([A-Za-z0-9_.$-]{1,64})[\]\"')\s]{0,4}(?::[ ]?[A-Za-z]{1,12}\s{0,2})?[\s=:>~,(\[\"'`@bfru&|]{0,12}\z",
)
"""The name before a value, with what may stand between: `password: str = b"`, `["password"] = '`, `-p `."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value and where it stands."""

    value: str
    variable: str
    """The name that it is assigned to; empty when none can be told."""
    before: str
    """The line before the value, at most 120 bytes of it."""
    quote: str
    """The character right before the value when it is a quotation mark, else empty."""


def candidate(data: bytes, start: int, end: int, value: str) -> Candidate:
    """What a scorer sees of a value at these bounds."""
    lowest = max(0, start - _BEFORE)
    line = data[max(lowest, data.rfind(b"\n", lowest, start) + 1) : start]
    before = line.decode("utf-8", "replace")
    name = _NAME.search(line, 0, len(line))
    quote = before[-1:] if before[-1:] in "\"'`" else ""
    return Candidate(value, line[slice(*name[1])].decode("ascii") if name else "", before, quote)
