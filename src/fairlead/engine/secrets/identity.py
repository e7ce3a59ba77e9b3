"""The age key of a person or a machine: where it is found, how it is made, and that nobody else can read it.

The format is that of `age-keygen`: an identity a line, `#` begins a comment. The first one is the key in use; those
after it are older ones, which still open what other stacks and older commits hold.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.errors import MissingError, StateError
from fairlead.kit.files import private_folder, write_atomically

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

KEY, KEY_FILE = "FAIRLEAD_AGE_KEY", "FAIRLEAD_AGE_KEY_FILE"
"""The variables that hold the key itself, or the path of its file."""

VARIABLES = (KEY, KEY_FILE)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Identities, the one in use first, and the file they came from (`None`: a variable)."""

    identities: Sequence[Identity] = field(repr=False)
    file: Path | None

    @property
    def recipient(self) -> str:
        """The public half of the key in use: what others encrypt to."""
        return str(self.identities[0].to_public())

    @property
    def place(self) -> str:
        return str(self.file) if self.file else f"the variable {KEY}"


def key_file(environ: Mapping[str, str]) -> Path:
    """Where the key's file is, or is to be."""
    given = environ.get(KEY_FILE)
    home = environ.get("HOME")
    return Path(given) if given else (Path(home) if home else Path.home()) / ".config" / "fairlead" / "age.key"


def find(environ: Mapping[str, str]) -> KeyRing | None:
    """The key, or `None` where there is none. Raises `StateError` for one that can't be used."""
    if text := environ.get(KEY):
        return KeyRing(_identities(text, f"the variable {KEY}"), None)
    path = key_file(environ)
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{path}: the age key can't be read: {error.strerror}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise StateError(f"{path}: the age key can be read by others", hint=f"chmod 600 {path}")
    return KeyRing(_identities(content.decode("utf-8", "replace"), str(path)), path)


def needed(environ: Mapping[str, str]) -> KeyRing:
    """The key. Raises `MissingError` where there is none."""
    if (ring := find(environ)) is None:
        raise MissingError(
            f"no age key: neither {KEY} nor {KEY_FILE} is set, and {key_file(environ)} does not exist",
            hint="get the key from whoever set the secrets, and put it there (chmod 600)",
        )
    return ring


def made(environ: Mapping[str, str]) -> KeyRing:
    """The key; a new one is made where there is none."""
    from pyrage import x25519

    if (ring := find(environ)) is not None:
        return ring
    ring = KeyRing([x25519.Identity.generate()], key_file(environ))
    save(ring)
    return ring


def save(ring: KeyRing) -> None:
    """Write the key's file, whole or not at all. Raises `StateError`."""
    if ring.file is None:
        raise StateError(f"the age key comes from the variable {KEY}, which can't be changed here")
    first, *older = ring.identities
    lines = [f"# public key: {ring.recipient}", str(first)]
    lines += ["# older keys, for other stacks and older commits", *map(str, older)] if older else []
    try:
        private_folder(ring.file.parent)
        write_atomically(ring.file, "\n".join([*lines, ""]))
    except OSError as error:
        raise StateError(f"{ring.file}: the age key can't be written: {error.strerror}") from error


def _identities(text: str, where: str) -> list[Identity]:
    from pyrage import IdentityError, x25519

    lines = [line.strip() for line in text.splitlines()]
    words = [line for line in lines if line and not line.startswith("#")]
    try:
        found = [x25519.Identity.from_str(word) for word in words]
    except IdentityError:
        raise StateError(
            f"{where}: not an age key", hint="each line should begin with AGE-SECRET-KEY-1, or with # for a comment"
        ) from None
    if not found:
        raise StateError(f"{where}: holds no age key", hint="it should hold a line that begins with AGE-SECRET-KEY-1")
    return found
