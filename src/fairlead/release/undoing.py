"""What is still to be undone of a release, and in which order: the newest step first.

Each undoing puts back what its step found, so undoing an older step overrules every newer one that changed the same
thing. One that failed and was passed must not be undone later: it would bring back a state in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.release.entry import Entry
from fairlead.release.steps import RunHook, Shift, Start, Stop


def to_undo(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that are not undone and not overruled by an older one that is, newest first."""
    overruled: set[tuple[str, str]] = set()
    found = []
    for entry in sorted(entries, key=lambda entry: entry.seq):
        thing = _changes(entry)
        if entry.state == "undone":
            overruled |= {thing} if thing else set()
        elif thing not in overruled and _undoable(entry):
            found.append(entry)
    return found[::-1]


def _changes(entry: Entry) -> tuple[str, str] | None:
    """What a step changes, so that only its last state counts; `None` for a step that stands by itself."""
    match entry.step:
        case Start(version) | Stop(version):
            return entry.service, f"instances of {version}"
        case Shift():
            return entry.service, "shares"
        case _:
            return None


def _undoable(entry: Entry) -> bool:
    """A migration that failed has nothing to take back (going one down would then be one too many)."""
    match entry.step:
        case RunHook("migrate"):
            return entry.state == "done"
        case Start() | Stop() | Shift():
            return True
        case _:
            return False
