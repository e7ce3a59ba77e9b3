"""Copies of a service's directory, one for each version, so that an older version can come back as it was."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from fairlead.errors import ReleaseError, StateError

ALWAYS_IGNORED = (".git", ".venv", "__pycache__", ".fairlead", "*.pyc", ".mypy_cache", ".pytest_cache", ".ruff_cache")
LARGEST_BYTES = 512 * 1024 * 1024
"""A directory over this size is more likely a mistake (data, models, a virtual environment) than a program."""


def digest(directory: Path, ignore: Sequence[str] = ()) -> str:
    """SHA-256 over names, modes and contents; equal for equal trees wherever they are."""
    total = hashlib.sha256()
    for path in files(directory, ignore):
        mode = "x" if os.access(path, os.X_OK) else "-"
        total.update(f"{path.relative_to(directory)}\0{mode}\0".encode())
        if path.is_symlink():
            total.update(os.fsencode(path.readlink()))
        else:
            with path.open("rb") as content:
                total.update(hashlib.file_digest(content, "sha256").digest())
    return total.hexdigest()


def files(directory: Path, ignore: Sequence[str] = ()) -> Iterator[Path]:
    """Every file and symbolic link of a tree that is not ignored, in order; refuses a tree that is too large."""
    patterns = (*ALWAYS_IGNORED, *ignore)
    size = 0
    for folder, folders, names in os.walk(directory):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not _ignored(here / name, directory, patterns))
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = here / name
            if _ignored(path, directory, patterns) or not (path.is_file() or path.is_symlink()):
                continue
            size += path.lstat().st_size
            if size > LARGEST_BYTES:
                raise ReleaseError(
                    f"{directory}: is larger than 512Mi, too much to copy for each version",
                    hint="leave data out with `ignore`, or set `snapshot: false`",
                )
            yield path


def copy(directory: Path, target: Path, ignore: Sequence[str] = ()) -> None:
    """Copy a tree, whole or not at all: one that was cut short is made again. An existing target is left as it is."""
    if target.exists():
        return
    partial = target.with_name(f"{target.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for path in files(directory, ignore):
            goal = partial / path.relative_to(directory)
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, goal, follow_symlinks=False)
        partial.rename(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise StateError(
            f"{target}: the version can't be copied: {error.strerror}", hint="is the disk full?"
        ) from error


def _ignored(path: Path, root: Path, patterns: Sequence[str]) -> bool:
    whole = str(path.relative_to(root))
    return any(fnmatch.fnmatch(path.name, pattern) or fnmatch.fnmatch(whole, pattern) for pattern in patterns)
