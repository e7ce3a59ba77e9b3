"""Keeps what was built on disk: seconds of work the first time, milliseconds from then on.

A file is named for what it was made from, is written whole or not at all, and carries a checksum: a damaged one, one of
another version, or one that another user could have written is built anew. Two processes that build at the same time
write the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from fairlead.apps.guard.engine.pack import Packed
from fairlead.kit.files import private_folder, write_atomically

KEPT = 4
"""Files that stay: the newest ones, for those who use several sets of rules."""

_MAGIC = b"fairlead guard 1\n"
_DIGEST = hashlib.blake2b().digest_size

log = logging.getLogger(__name__)


def default_folder() -> Path:
    """`$XDG_CACHE_HOME/fairlead/guard` (XDG Base Directory Specification), `~/.cache` when that is not set."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if given.startswith("/") else Path("~/.cache").expanduser()
    return base / "fairlead" / "guard"


def kept_or_built(folder: Path, key: str, build: Callable[[], Packed]) -> Packed:
    """What was kept under this key, or else what `build` makes, which is kept then.

    A folder that can't be written is said in the log and is no error: the guard works, it only starts slowly.
    """
    known = _read(folder / f"{key}.pack")
    return known if known is not None else built_anew(folder, key, build)


def built_anew(folder: Path, key: str, build: Callable[[], Packed]) -> Packed:
    """What `build` makes, kept in place of what was there."""
    made = build()
    try:
        private_folder(folder)
        write_atomically(folder / f"{key}.pack", _sealed(msgspec.msgpack.encode(made)))
        _forget_old(folder)
    except OSError as error:
        log.warning("the guard's patterns can't be kept in %s: %s", folder, error.strerror or error)
    return made


def _sealed(data: bytes) -> bytes:
    return _MAGIC + hashlib.blake2b(data).digest() + data


def _read(path: Path) -> Packed | None:
    """What a file holds; None when there is none or when it can't be trusted."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_uid not in (os.getuid(), 0):
                log.warning("the guard's patterns at %s belong to somebody else and are not used", path)
                return None
            content = file.read()
    except OSError:
        return None
    return _opened(content)


def _opened(content: bytes) -> Packed | None:
    start = len(_MAGIC) + _DIGEST
    digest, data = content[len(_MAGIC) : start], content[start:]
    if not content.startswith(_MAGIC) or hashlib.blake2b(data).digest() != digest:
        return None
    try:
        return msgspec.msgpack.decode(data, type=Packed)
    except msgspec.DecodeError:
        return None


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("*.pack"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT:]:
        path.unlink(missing_ok=True)
