"""Rendered files in a folder: written, replaced and taken away, or compared. What we did not write is not touched."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fairlead.errors import StateError
from fairlead.kit.files import write_atomically
from fairlead.render.target import File

LIST = ".fairlead-rendered"
"""The names of the files that we wrote, so that one that is no longer rendered goes away."""

UNKNOWN = "it was not rendered by fairlead"


@dataclass(frozen=True, slots=True)
class Written:
    """What happened in a folder, by file."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: tuple[str, ...]


def write(files: Sequence[File], folder: Path) -> Written:
    """Make the folder hold these files. Raises `StateError` before it changes a file that somebody else wrote."""
    known = _known(folder)
    _refuse_others(files, folder, known)
    added: list[str] = []
    changed: list[str] = []
    same: list[str] = []
    for file in files:
        path = folder / file.path
        old = _text(path)
        mode = path.stat().st_mode & 0o777 if old is not None else file.mode
        if old == file.text and mode == file.mode:
            same.append(file.path)
            continue
        (added if old is None else changed).append(file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, file.text, mode=file.mode)
    removed = sorted(known - {file.path for file in files})
    for name in removed:
        _remove(folder, name)
    write_atomically(folder / LIST, "".join(f"{name}\n" for name in sorted(file.path for file in files)), mode=0o644)
    return Written(tuple(added), tuple(changed), tuple(removed), tuple(same))


def differences(files: Sequence[File], folder: Path) -> Iterator[str]:
    """Lines of a unified diff from what is in the folder to what would be written; none when they are the same."""
    wanted = {file.path: file.text for file in files}
    for name in sorted({*wanted, *_known(folder)}):
        old, new = _text(folder / name), wanted.get(name)
        if old != new:
            before = (old or "").splitlines(keepends=True)
            after = (new or "").splitlines(keepends=True)
            yield from difflib.unified_diff(before, after, _side(folder, name, old), _side(None, name, new))


def _side(folder: Path | None, name: str, text: str | None) -> str:
    if text is None:
        return "/dev/null"
    return str(folder / name) if folder is not None else f"rendered/{name}"


def _known(folder: Path) -> set[str]:
    listed = _text(folder / LIST) or ""
    return {name for name in listed.splitlines() if name and not _leads_out(name)}


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


def _refuse_others(files: Iterable[File], folder: Path, known: set[str]) -> None:
    for file in files:
        if _leads_out(file.path):
            raise ValueError(f"{file.path}: leads out of the folder")
        if file.path not in known and _text(folder / file.path) not in (None, file.text):
            hint = "move it away, or render into another folder with `--out`"
            raise StateError(f"{folder / file.path}: {UNKNOWN}, and would be overwritten", hint=hint)


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{path}: can't be read: {error}") from None


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder or any(parent.iterdir()):
            return
        parent.rmdir()
