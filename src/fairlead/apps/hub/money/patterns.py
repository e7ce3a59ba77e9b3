"""Names of models with blanks in them: `*` for anything, `?` for one character, `#` for one digit."""

from __future__ import annotations

import re

_BLANKS = {"*": ".*", "?": ".", "#": "[0-9]"}


def is_plain(pattern: str) -> bool:
    """Whether it names one model."""
    return not any(blank in pattern for blank in _BLANKS)


def compiled(pattern: str) -> re.Pattern[str]:
    """To be matched in full, in lower case."""
    return re.compile("".join(_BLANKS.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)


def weight(pattern: str) -> tuple[int, int]:
    """What says most about a name goes first: the pattern with the most letters, then with the most blanks for one."""
    letters = sum(letter not in _BLANKS for letter in pattern)
    return letters, len(pattern) - letters - pattern.count("*")
