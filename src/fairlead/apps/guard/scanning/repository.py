"""Git, asked for files, commits and blobs; so that nothing in a repository that is looked at can make it do more."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial

from fairlead.apps.guard.scanning.readers import Read
from fairlead.errors import BinaryMissing, UsageError

_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")
"""A repository's own configuration may name programs that git runs to look at it."""
CHUNK = 1 << 16


class NoRepository(UsageError):
    """Git does not answer here."""


def environment() -> dict[str, str]:
    """Git's: nothing is fetched, nothing written, nobody asked."""
    more = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return {**os.environ, **more}


def command(folder: str, *words: str) -> list[str]:
    """The words of a call."""
    return ["git", *_QUIET, "-C", folder, *words]


def told(folder: str, *words: str, plain: bool = False) -> bytes:
    """All that git says; `plain` with the repository's own settings.

    Raises `NoRepository`, and `BinaryMissing` where there is no git.
    """
    return b"\0".join(fields(folder, *words, plain=plain))


def fields(folder: str, *words: str, plain: bool = False) -> Iterator[bytes]:
    """What git lists with `-z`, as it comes. Raises as `told`."""
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                ["git", "-C", folder, *words] if plain else command(folder, *words),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=environment(),
            )
        except FileNotFoundError as error:
            raise BinaryMissing("git is not on this machine", hint="install it") from error
        with process:
            try:
                yield from _parts(partial(os.read, process.stdout.fileno()) if process.stdout else bytes)
            except GeneratorExit:
                process.kill()
                raise
        if process.returncode:
            complaints.seek(0)
            raise NoRepository(_reason(complaints.read(4096)), hint="`git -C FOLDER status` tells more")


def _parts(read: Read) -> Iterator[bytes]:
    rest = b""
    while chunk := read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _reason(complaint: bytes) -> str:
    line = complaint.decode("utf-8", "replace").strip().partition("\n")[0]
    return f"git: {line.removeprefix('fatal: ')}" if line else "git ended with an error"


def top(folder: str) -> str | None:
    """The work tree that a folder is in."""
    try:
        return os.fsdecode(told(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))
    except (NoRepository, BinaryMissing):
        return None
