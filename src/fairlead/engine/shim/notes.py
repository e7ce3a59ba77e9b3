"""What a shim writes down for the engine: who runs (status.json) and how it ended (exit.json).

The room for exit.json is taken at the start, so that a disk that fills up later can't lose an exit code. Nothing is
synced to the disk: when the machine loses power, the instance has ended with it, and its boot id says so.
"""

from __future__ import annotations

import os

_ROOM = 1024  # bytes; a reason is cut to fit


def write_whole(path: str, text: str) -> None:
    """Put a file in place at once. Raises `OSError`."""
    beside = f"{path}.new"
    _fill(beside, text)
    os.rename(beside, path)  # noqa: PTH104 - no pathlib in the shim


def _fill(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def quote(text: str) -> str:
    """A JSON string."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if " " <= character <= "~" else f"\\u{min(ord(character), 0xFFFD):04x}"


def write_status(folder: str, shim: tuple[int, str], child: tuple[int, str], began: float) -> None:
    """Say who runs: pid and birth of the shim and of the program, and since when (seconds since the epoch)."""
    write_whole(
        f"{folder}/status.json",
        f'{{"shim_pid": {shim[0]}, "shim_start": {quote(shim[1])}, "pid": {child[0]}, '
        f'"start": {quote(child[1])}, "began": {began:.6f}}}\n',
    )


class Ending:
    """The exit.json to be."""

    def __init__(self, folder: str) -> None:
        self._path = f"{folder}/exit.json"
        _fill(f"{self._path}.room", " " * _ROOM)
        try:
            os.unlink(self._path)  # noqa: PTH108 - no pathlib in the shim
        except FileNotFoundError:
            return

    def write(self, code: int | None, reason: str | None, at: float) -> None:
        """Say how it ended; written over room that is there already."""
        told = "null" if reason is None else quote(reason[:100])
        text = f'{{"code": {"null" if code is None else code}, "reason": {told}, "at": {at:.6f}}}'
        descriptor = os.open(f"{self._path}.room", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(descriptor, text.ljust(_ROOM).encode(), 0)
        finally:
            os.close(descriptor)
        os.rename(f"{self._path}.room", self._path)  # noqa: PTH104 - no pathlib in the shim
