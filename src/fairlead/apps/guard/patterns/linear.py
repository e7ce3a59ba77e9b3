"""RE2 on bytes: whatever the text, the time that a search takes grows with its length and no faster.

Python's own engine backtracks, and a text made for it stops a process. Patterns are read as Latin-1, so that a byte is
a character, as it is for the automaton.
"""

from __future__ import annotations

from typing import Any, Protocol

import re2

Spans = list[tuple[int, int]]
"""The bounds of a match and of its groups; (-1, -1) for a group without a part in it."""

_NONE = (-1, -1)
MEMORY = 8 << 20
"""Bytes that one pattern's states may take; beyond it RE2 is slower, not wrong. There are hundreds of patterns."""


class Engine(Protocol):
    """The part of RE2's binding that is used."""

    def Match(self, anchor: object, text: bytes, start: int, end: int, /) -> Spans: ...  # noqa: N802 - RE2's name


def _options(captures: bool, memory: int) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = memory
    options.never_capture = not captures
    return options


_ANYWHERE = re2._Anchor.UNANCHORED  # noqa: SLF001 - see Linear
_HERE = re2._Anchor.ANCHOR_START  # noqa: SLF001 - see Linear


class Linear:
    """One pattern. Its bounds are given in bytes; what stands outside of them still counts for `\\b`, `^` and `$`."""

    __slots__ = ("_engine",)

    def __init__(self, pattern: str, *, captures: bool = True, memory: int = MEMORY) -> None:
        # The binding below re2's own wrapper: two thirds of a short search is the wrapper, and a stream searches
        # for each piece.
        self._engine: Engine = re2.compile(pattern.encode("latin-1"), _options(captures, memory))._regexp  # noqa: SLF001 - see above

    def search(self, text: bytes, start: int, end: int) -> Spans | None:
        """The leftmost match within the bounds."""
        spans = self._engine.Match(_ANYWHERE, text, start, end)
        return None if spans[0] == _NONE else spans

    def match(self, text: bytes, start: int, end: int) -> Spans | None:
        """The match that begins at `start`."""
        spans = self._engine.Match(_HERE, text, start, end)
        return None if spans[0] == _NONE else spans


class PatternTooLarge(ValueError):
    """RE2 refuses a pattern."""


def linear(pattern: str, *, captures: bool = True, memory: int = MEMORY) -> Linear:
    """The pattern, compiled. Raises `PatternTooLarge` with RE2's words."""
    try:
        return Linear(pattern, captures=captures, memory=memory)
    except re2.error as error:
        words = error.args[0] if error.args else "refused"
        raise PatternTooLarge(words.decode("latin-1") if isinstance(words, bytes) else str(words)) from None
