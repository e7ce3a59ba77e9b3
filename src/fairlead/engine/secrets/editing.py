"""The encrypted file opened for an editor: plain text in memory, for one user, for as long as it takes."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.engine.secrets import envtext, sealed
from fairlead.engine.secrets.changing import change_secrets, open_all
from fairlead.engine.secrets.sealed import Sealed
from fairlead.errors import StateError, UsageError
from fairlead.kit import proc

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there is ours alone, and gone with the editor
_HEADER = "# NAME=value, one secret a line; take a line out to remove its secret; quote a value over several lines\n"


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of what an edit changed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The secrets as text in `file`, until the block that opened it ends."""

    file: Path
    path: Path
    environ: Mapping[str, str] = field(repr=False)
    before: Mapping[str, str] = field(repr=False)
    content: Sealed

    def save(self, *, now: float) -> Changes:
        """Encrypt what was changed. Raises `UsageError` naming the line that can't be read: edit and save again.

        Raises `Conflict` when somebody else has changed one of the same secrets since; nothing is saved then.
        """
        after = self._read()
        wanted: dict[str, str | None] = {name: value for name, value in after.items() if self.before.get(name) != value}
        removed = tuple(sorted(self.before.keys() - after.keys()))
        wanted |= dict.fromkeys(removed)
        if wanted:
            change_secrets(self.path, wanted, environ=self.environ, now=now, seen=self.content)
        changed = sorted(wanted.keys() & self.before.keys() & after.keys())
        return Changes(tuple(sorted(after.keys() - self.before.keys())), tuple(changed), removed)

    def _read(self) -> dict[str, str]:
        try:
            return envtext.parse(envtext.decode(self.file.read_bytes()))
        except envtext.EnvError as error:
            raise UsageError(f"the edited text, {error}; nothing was saved", hint="correct it and save again") from None
        except OSError as error:
            raise StateError(f"{self.file}: can't be read: {error.strerror}") from None


@contextlib.contextmanager
def edit(path: Path, *, environ: Mapping[str, str]) -> Iterator[Draft]:
    """Open the encrypted file `path` for an editor. Nothing of the text is left when the block ends.

    The text has a folder of its own that only its owner enters, since editors put copies beside what they edit.
    """
    content = sealed.read(path) or Sealed(())
    before = open_all(content, environ=environ)
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"fairlead-edit-{os.getuid()}-{os.getpid()}-", dir=_storage()))
    try:
        draft = Draft(folder / "secrets.env", path, environ, before, content)
        draft.file.touch(mode=0o600)
        draft.file.write_text(_HEADER + envtext.dump(before), encoding="utf-8", newline="")
        yield draft
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _storage() -> Path:
    return MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove what an edit that was killed has left."""
    for folder in _storage().glob(f"fairlead-edit-{os.getuid()}-*"):
        pid = folder.name.split("-")[3]
        if pid.isdigit() and proc.birth(int(pid)) is None and folder.lstat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)
