"""What a repository holds beside its work tree: each blob once, with the commit that brought it; what is staged."""

from __future__ import annotations

import os
from collections.abc import Iterator

from fairlead.apps.guard.scanning import repository
from fairlead.apps.guard.scanning.jobs import Blob, Job, Text

MESSAGE = "<message>"
"""The path of a commit's message."""
_LINK = b"120000"
_MODULE = b"160000"


def history(folder: str, commits: str | None) -> Iterator[Job]:
    """All contents and messages that commits brought, oldest first; of a range of commits, what was not there before.

    Raises `NoRepository`.
    """
    which = ("--end-of-options", commits) if commits else ("--all",)
    words = ("log", "-z", "--reverse", "--topo-order", "--raw", "--no-abbrev", "--no-renames", "--root", "-c")
    listed = repository.fields(folder, *words, "--format=%x01%H%x02%B", *which, "--")
    seen: set[bytes] = set()
    commit = ""
    changes: list[bytes] = []
    for field in listed:
        if changes:  # first of all: a path may begin with anything
            yield from _blob(folder, changes, field, commit, seen, whole=commits is None)
            changes = []
        elif field.startswith(b"\1"):
            name, _, message = field[1:].partition(b"\2")
            commit = name.decode()
            yield Text(message, MESSAGE, commit)
        elif field.lstrip(b"\n").startswith(b":"):
            changes = field.lstrip(b"\n").split(b" ")


def staged(folder: str) -> Iterator[Job]:
    """What the next commit would bring. Raises `NoRepository`."""
    listed = repository.fields(folder, "diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames")
    for field in listed:
        yield from _blob(folder, field.split(b" "), next(listed, b""), "", set(), whole=False)


def _blob(
    folder: str, change: list[bytes], path: bytes, commit: str, seen: set[bytes], *, whole: bool
) -> Iterator[Job]:
    """One line of `--raw`: a colon, modes and hashes of each parent and of the result, and what was done."""
    parents = len(change[0]) - len(change[0].lstrip(b":"))
    mode, new, old = change[parents], change[2 * parents + 1], change[parents + 1]
    if not new.strip(b"0") or mode in {_LINK, _MODULE}:
        return
    key = bytes.fromhex(new.decode())
    if key not in seen:
        seen.add(key)
        before = "" if whole or not old.strip(b"0") else old.decode()
        yield Blob(folder, new.decode(), os.fsdecode(path), commit, before)
