"""Changes to the encrypted file: one at a time, each on what is there now, and each whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.engine.secrets import identity, sealed
from fairlead.engine.secrets.identity import KeyRing
from fairlead.engine.secrets.sealed import Entry, Sealed
from fairlead.errors import Conflict, StateError, UsageError
from fairlead.kit.suggest import hint

WAIT_S = 3.0
"""How long a change waits for another one; each takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of a new key: its public half, how many entries it opens, and the file it is in."""

    recipient: str
    entries: int
    key_file: Path


def set_secret(path: Path, name: str, value: str, *, environ: Mapping[str, str], now: float) -> None:
    """Put `value` under `name` into the encrypted file `path`. `now`: seconds since the epoch.

    The first one makes the file, and a key where there is none; after that no key is needed to add or replace.
    """
    change_secrets(path, {name: value}, environ=environ, now=now)


def change_secrets(
    path: Path,
    values: Mapping[str, str | None],
    *,
    environ: Mapping[str, str],
    now: float,
    seen: Sealed | None = None,
) -> None:
    """Set several at once; `None` takes one out.

    With `seen`, the content that the change was made from: raises `Conflict` where somebody changed the same since.
    """
    for name, value in values.items():
        if value is not None:
            sealed.check(name, value)
    with _alone(path.parent):
        content = sealed.read(path) or Sealed((identity.made(environ).recipient,))
        _check_unchanged(path, values, content, seen or content)
        kept = {name: entry for name, entry in content.entries.items() if name not in values}
        new = {
            name: sealed.seal(name, value, content.recipients, now)
            for name, value in values.items()
            if value is not None
        }
        sealed.write(path, replace(content, entries=kept | new))


def remove_secret(path: Path, name: str, *, environ: Mapping[str, str], now: float) -> None:
    """Take an entry out. Raises `UsageError` when there is none of that name."""
    content = sealed.read(path) or Sealed(())
    if name not in content.entries:
        raise UsageError(f"{path.name} has no {name}", hint=hint(name, content.entries))
    change_secrets(path, {name: None}, environ=environ, now=now)


def _check_unchanged(path: Path, names: Iterable[str], now: Sealed, seen: Sealed) -> None:
    changed = [name for name in names if now.entries.get(name) != seen.entries.get(name)]
    if changed:
        raise Conflict(
            f"{path.name}: changed by somebody else meanwhile: {', '.join(changed)}; nothing was saved",
            hint="begin again, from what is there now",
        )


def open_all(content: Sealed, *, environ: Mapping[str, str]) -> dict[str, str]:
    """Every value. Raises `SealError` or `MissingError`."""
    return _opened(content, identity.needed(environ)) if content.entries else {}


def rotate_key(path: Path, *, environ: Mapping[str, str]) -> Rotation:
    """Make a new key and encrypt everything to it instead of the old one; other people's recipients stay.

    The old key stays in the key's file, as an older one: other stacks and older commits need it. A kill at any moment
    leaves a key that opens the file.
    """
    with _alone(path.parent):
        ring = _changeable(environ)
        content = sealed.read(path)
        if content is None:
            raise UsageError(f"{path}: no such file", hint="fairlead secrets set NAME makes it")
        values = _opened(content, ring)
        new = _renewed(ring)
        identity.save(new)  # before anything is encrypted to it
        sealed.write(path, _resealed(content, values, ring, new))
        return Rotation(new.recipient, len(values), new.file or Path())


def _changeable(environ: Mapping[str, str]) -> KeyRing:
    ring = identity.needed(environ)
    if ring.file is None:
        raise UsageError(
            f"the age key comes from the variable {identity.KEY}, which can't be changed here",
            hint=f"put it into a file (chmod 600), name that in {identity.KEY_FILE}, and unset {identity.KEY}",
        )
    return ring


def _renewed(ring: KeyRing) -> KeyRing:
    from pyrage import x25519

    return KeyRing([x25519.Identity.generate(), *ring.identities], ring.file)


def _resealed(content: Sealed, values: Mapping[str, str], old: KeyRing, new: KeyRing) -> Sealed:
    ours = {str(key.to_public()) for key in old.identities}
    recipients = (new.recipient, *(one for one in content.recipients if one not in ours))
    entries = {
        name: sealed.seal(name, value, recipients, content.entries[name].changed) for name, value in values.items()
    }
    return Sealed(recipients, entries)


def _opened(content: Sealed, ring: KeyRing) -> dict[str, str]:
    def opened(name: str, entry: Entry) -> str:
        return sealed.unseal(name, entry, content.recipients, ring)

    return {name: opened(name, entry) for name, entry in content.entries.items()}


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One change at a time: a lock on the folder itself, so that no lock file ends up in the repository."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise StateError(f"{folder}: can't be opened: {error.strerror}") from error
    try:
        _take(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise Conflict(f"{folder}: another process is changing the secrets", hint="try again") from None
            time.sleep(0.02)
