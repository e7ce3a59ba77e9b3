"""What is still to be undone of a release, and in which order: the newest step first.

Each undoing puts back what its step found, so undoing an older step overrules every newer one that changed the same
thing. One that failed and was passed must not be undone later: it would bring back a state in the middle. Leased
shares are taken back in one go, by undoing the first of them: nobody is to meet a bad version at one more share.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.release.entry import Entry
from fairlead.release.steps import Mirror, RunHook, Shift, Start, Stop


def to_undo(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that are not undone and not overruled by an older one that is, newest first."""
    overruled: set[tuple[str, str]] = set()
    found = []
    for entry in sorted(entries, key=lambda entry: entry.seq):
        thing = _changes(entry)
        if entry.state != "undone" and thing not in overruled and _undoable(entry):
            found.append(entry)
        if thing and (entry.state == "undone" or _is_leased(entry)):
            overruled.add(thing)
    return found[::-1]


def overruled_by(entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that need no undoing any more once `entry` is undone."""
    thing = _changes(entry)
    newer = [other for other in entries if other.seq > entry.seq and other.state != "undone"]
    return [other for other in newer if thing is not None and _changes(other) == thing]


def _changes(entry: Entry) -> tuple[str, str] | None:
    """What a step changes, so that only its last state counts; `None` for a step that stands by itself."""
    match entry.step:
        case Start(version) | Stop(version):
            return entry.service, f"instances of {version}"
        case Shift():
            return entry.service, "shares"
        case Mirror(version):
            return entry.service, f"copies to {version}"
        case _:
            return None


def _is_leased(entry: Entry) -> bool:
    return isinstance(entry.step, Shift) and entry.step.leased


def _undoable(entry: Entry) -> bool:
    """A migration that failed has nothing to take back (going one down would then be one too many)."""
    match entry.step:
        case RunHook("migrate"):
            return entry.state == "done"
        case Mirror(_, sample):
            return sample > 0
        case Start() | Stop() | Shift():
            return True
        case _:
            return False
