"""What somebody may have meant who wrote a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name nearest to `word`, or None when nothing is near."""
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else _contained(word.lower(), names)


def _contained(word: str, names: dict[str, str]) -> str | None:
    """The one name that begins with the word, or that the word begins with."""
    if len(word) < 3:
        return None
    found = [
        name
        for lowered, name in names.items()
        if len(lowered) > 2 and (lowered.startswith(word) or word.startswith(lowered))
    ]
    return found[0] if len(found) == 1 else None


def hint(word: str, known: Iterable[str], *, none: str | None = None) -> str | None:
    """`did you mean …?`, else the whole list when it is short, else `none`."""
    names = sorted(known)
    if (name := nearest(word, names)) is not None:
        return f"did you mean `{name}`?"
    if names and len(names) <= 12:
        return "there is " + ", ".join(f"`{name}`" for name in names)
    return none
