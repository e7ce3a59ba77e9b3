"""Which image a store runs: pinned beside its data, so that a restart never brings another server to them."""

from __future__ import annotations

from pathlib import Path

from fairlead.errors import StateError
from fairlead.kit.files import write_atomically

_NAME = "image"


def read(folder: Path) -> tuple[str, str] | None:
    """The image that was asked for, and the one that was pinned for it; `None` before the first start."""
    try:
        asked, pinned = (folder / _NAME).read_text().split()
    except (OSError, ValueError):
        return None
    return asked, pinned


def write(folder: Path, asked: str, pinned: str) -> None:
    """Pin it. Raises `StateError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _NAME, f"{asked}\n{pinned}\n")
    except OSError as error:
        raise StateError(f"{folder}: can't be written: {error.strerror}") from error


def needed(folder: Path) -> str:
    """The pinned image. Raises `StateError` when there is none."""
    found = read(folder)
    if found is None:
        raise StateError(f"{folder}: nothing says which image the store runs", hint="`fairlead up` finds one again")
    return found[1]
