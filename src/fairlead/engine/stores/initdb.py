"""The data directory of a Postgres server: made whole or not at all, and never used by another version."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from fairlead.engine.secrets.value import Secret
from fairlead.engine.stores.account import Account
from fairlead.engine.stores.programs import Binaries
from fairlead.errors import StateError
from fairlead.kit.files import sync_folder

_UNFINISHED = "data.unfinished-"


def version_of(data: Path) -> str | None:
    """The major version that made the directory; `None` where there is none. Raises `StateError`."""
    try:
        return (data / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        if data.exists():
            raise StateError(
                f"{data}: is no data directory of postgres: PG_VERSION is missing",
                hint="restore it from a backup, or move it away to begin anew",
            ) from None
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{data}: PG_VERSION can't be read: {type(error).__name__}") from None


def make(data: Path, binaries: Binaries, account: Account, password: Secret) -> None:
    """Run initdb beside `data`, then put the result there in one step. Raises `StateError`.

    Passwords are scram-sha-256 throughout, and nobody gets in without one. Sorting is by code point, so that no
    update of the C library can spoil an index.
    """
    for left in data.parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=data.parent))
    try:
        account.own(fresh)
        _initdb(fresh, binaries, account, password)
        (fresh / "data").rename(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _initdb(folder: Path, binaries: Binaries, account: Account, password: Secret) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password.reveal())
    account.own(secret)
    done = account.run([
        binaries["initdb"], "-D", folder / "data", "-U", "postgres", f"--pwfile={secret}", "--auth=scram-sha-256",
        "--encoding=UTF8", "--lc-messages=C", "--lc-collate=C",
        "--lc-ctype=C.UTF-8" if sys.platform == "linux" else "--lc-ctype=C",
    ])  # fmt: skip
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
        raise StateError(f"{folder.parent}: initdb failed: {said[0] if said else f'exit code {done.returncode}'}")


def forget_dead_server(data: Path) -> None:
    """Remove the pid file of a server that was killed, when its pid now belongs to a program that is no postgres.

    Postgres does so itself when the pid is free; after a reboot or in a container it often is not.
    """
    file = data / "postmaster.pid"
    try:
        pid = int(file.read_text().splitlines()[0])
        program = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError, IndexError):
        return
    if program not in ("postgres", "postmaster"):
        file.unlink(missing_ok=True)
