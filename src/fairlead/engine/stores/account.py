"""The user that a server runs as: ours, or, where we are root and the server refuses root, one without rights."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import MissingError, StateError

_EACH = 'for place do test -x "$place" || { printf %s "$place"; exit 1; }; done'
_CHECK_S = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine; `name` is `None` when it is who we are already."""

    name: str | None
    uid: int
    gid: int

    def run(self, argv: list[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, with nothing of our own environment but the PATH."""
        return subprocess.run(
            argv,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            umask=0o077,
            user=self.uid if self.name else None,
            group=self.gid if self.name else None,
            extra_groups=[] if self.name else None,
        )

    def own(self, path: Path) -> None:
        """Make the path this user's."""
        if self.name:
            os.chown(path, self.uid, self.gid)

    def check_reach(self, folder: Path) -> None:
        """Raise `StateError` when this user can't get to the folder."""
        if self.name is None:
            return
        places = [folder, *folder.parents]
        done = self.run(["/bin/sh", "-c", _EACH, "sh", *reversed(places)])
        if done.returncode:
            raise StateError(
                f"{folder}: the user {self.name}, whom the server runs as, can't enter {done.stdout}",
                hint=f"chmod o+x {done.stdout}, or keep the state elsewhere: FAIRLEAD_STATE=/var/lib/fairlead",
            )


def ours() -> Account:
    """Who we are."""
    return Account(None, os.getuid(), os.getgid())


def without_rights(preferred: Iterable[str]) -> Account:
    """Who we are, or the first of these users that exists when we are root. Raises `MissingError`."""
    if os.getuid() != 0:
        return ours()
    for name in preferred:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise MissingError(
        f"the server refuses to run as root, and there is none of the users {', '.join(preferred)}",
        hint="useradd --system postgres, or run fairlead as an ordinary user",
    )
