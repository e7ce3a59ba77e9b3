"""Passwords of stores: made once, at random, and kept in a file that only its owner reads."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path

from fairlead.engine.secrets.value import Secret
from fairlead.errors import StateError
from fairlead.kit.files import write_atomically

_BYTES = 32
"""256 bits: as strong as the hash that Postgres keeps of it."""


def kept(file: Path) -> Secret:
    """The password in `file`; made when there is none. Raises `StateError`."""
    if not file.exists():
        try:
            write_atomically(file, secrets.token_urlsafe(_BYTES) + "\n")
        except OSError as error:
            raise StateError(f"{file}: can't be written: {error.strerror}") from error
    return read(file)


def read(file: Path) -> Secret:
    """The password in `file`. Raises `StateError`."""
    try:
        mode = file.stat().st_mode
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{file}: the store's password can't be read: {type(error).__name__}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise StateError(f"{file}: the store's password can be read by others", hint=f"chmod 600 {file}")
    if not text:
        raise StateError(f"{file}: holds no password", hint="take the file from a backup of the state folder")
    return Secret(text)


def those_there(*files: Path) -> list[Secret]:
    """The passwords in those of the files that are there."""
    return [read(file) for file in files if file.exists()]
