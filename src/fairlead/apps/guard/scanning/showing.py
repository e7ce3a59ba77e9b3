"""How names and values are shown: names so that a terminal or a log does nothing with them, values so that none is."""

from __future__ import annotations

import unicodedata

SHOWN = 4
"""Characters of a token that are shown: the beginning, by which an issuer's tokens are known."""
LONG_ENOUGH = 20
"""Characters of a value of which so many may be shown."""


def shown_path(path: str) -> str:
    """A path in one line: bytes that are no text, and characters that move a cursor, are written out."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if _harmless(char) else char.encode("unicode_escape").decode() for char in text)


def _harmless(char: str) -> bool:
    return char.isprintable() and unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp"}


def redacted(value: str, *, generic: bool) -> str:
    """What may be shown of a value: how long it is, and how a token begins when that is not the secret part."""
    length = f"({len(value)} characters)"
    if generic or len(value) < LONG_ENOUGH or "\n" in value:
        return f"… {length}"
    return f"{shown_path(value[:SHOWN])}… {length}"
