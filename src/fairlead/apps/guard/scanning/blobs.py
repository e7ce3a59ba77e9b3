"""Blobs of a repository, read through one `git cat-file --batch` per repository, as pieces of any size."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from fairlead.apps.guard.scanning import repository
from fairlead.apps.guard.scanning.found import Unlooked


class Store:
    """The blobs of one repository."""

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            repository.command(folder, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=repository.environment(),
        )
        self._left = 0

    def opened(self, name: str) -> Callable[[int], bytes]:
        """What reads a blob. Raises `Unlooked` for one that is not there."""
        self._skip()
        out, into = self._process.stdout, self._process.stdin
        if out is None or into is None:
            raise Unlooked("git does not answer")
        try:
            into.write(name.encode() + b"\n")
            into.flush()
        except OSError as error:
            raise Unlooked("git does not answer") from error
        words = out.readline().split()
        if len(words) != 3 or words[1] != b"blob":
            raise Unlooked("git has no such content: it was not fetched, or is damaged")
        self._left = int(words[2]) + 1
        return self._read

    def _read(self, size: int) -> bytes:
        size = min(size, self._left - 1)
        data = self._process.stdout.read(size) if self._process.stdout and size > 0 else b""
        if len(data) < size:
            raise Unlooked("git ended amid it")
        self._left -= len(data)
        return data

    def _skip(self) -> None:
        """The rest of a blob that was not read to its end, and the newline behind it."""
        while self._left and self._process.stdout:
            if not (data := self._process.stdout.read(min(self._left, 1 << 20))):
                return
            self._left -= len(data)

    def close(self) -> None:
        """Ends git."""
        self._process.kill()
        self._process.communicate()
