"""Which files there are: what git tracks and does not ignore, or all of a folder; links are not followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from operator import attrgetter

from fairlead.apps.guard.scanning import repository
from fairlead.apps.guard.scanning.found import Unscanned
from fairlead.apps.guard.scanning.jobs import File, Job
from fairlead.errors import BinaryMissing


def files(roots: list[str], *, everything: bool) -> Iterator[Job | Unscanned]:
    """The files under each of the roots, in order; of a repository those that git does not ignore."""
    for root in roots:
        try:
            mode = os.stat(root).st_mode  # noqa: PTH116 - a path may be no text
        except OSError as error:
            yield Unscanned(root, f"it can't be read: {(error.strerror or 'unknown').lower()}")
            continue
        if not stat.S_ISDIR(mode):
            yield File(root, named=True)
        elif everything or repository.top(root) is None:
            yield from _walked(root, everything)
        else:
            yield from _tracked(root)


def _walked(root: str, everything: bool) -> Iterator[Job | Unscanned]:
    """All of a folder. Repositories in it are asked for what they ignore, unless everything is wanted."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        if folder != root and not everything and os.path.lexists(_joined(folder, ".git")):
            yield from _tracked(folder)
            continue
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=attrgetter("name"))
        except OSError as error:
            yield Unscanned(folder, f"it can't be read: {(error.strerror or 'unknown').lower()}")
            continue
        waiting += [_joined(folder, entry.name) for entry in reversed(found) if entry.is_dir(follow_symlinks=False)]
        before = _joined(folder, "")
        for entry in found:
            if entry.is_file(follow_symlinks=False):
                yield File(before + entry.name, plain=True)
            elif not entry.is_dir(follow_symlinks=False):
                yield File(before + entry.name)


def _tracked(folder: str) -> Iterator[Job | Unscanned]:
    """What git tracks in a folder, and what it does not ignore."""
    listed = repository.fields(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    try:
        for name in listed:
            path = _joined(folder, os.fsdecode(name))
            try:
                mode = os.lstat(path).st_mode
            except FileNotFoundError:
                continue  # removed, and not yet told to git
            except OSError as error:
                yield Unscanned(path, f"it can't be read: {(error.strerror or 'unknown').lower()}")
                continue
            if stat.S_ISDIR(mode):  # another repository: a submodule, or one that git does not know
                yield from _inner(path)
            else:
                yield File(path, plain=stat.S_ISREG(mode))
    except (repository.NoRepository, BinaryMissing) as error:
        yield Unscanned(folder, error.message)


def _inner(folder: str) -> Iterator[Job | Unscanned]:
    if os.path.lexists(_joined(folder, ".git")):
        yield from _tracked(folder)
    else:
        yield from _walked(folder, everything=False)


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else os.path.join(folder, name)  # noqa: PTH118 - a path may be no text
