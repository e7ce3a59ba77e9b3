"""The files of a lease: written by the engine, heeded by the watchdog, without a lock between them.

A lease is made ready in a folder of its own and then takes the place of the one before by a rename. It is prolonged by
overwriting the eight bytes of its end, which needs no space and is seen whole or not at all.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from fairlead.engine.routers import watchdog
from fairlead.engine.routers.resources import Json

HELD = "held"
"""The lease in its own folder: the same file as `current` while it holds, and `lapsed` when it has."""


class LeaseFiles:
    """What is in `lease/`, beside the files that Envoy reads from `router`."""

    def __init__(self, router: Path) -> None:
        self.router = router
        self.folder = router / "lease"

    @property
    def any(self) -> bool:
        """Whether there is a lease that holds, or one that has lapsed and whose fallback is kept in place."""
        return any((self.folder / name).exists() for name in (watchdog.CURRENT, watchdog.LAPSED))

    @property
    def current(self) -> str | None:
        """The name of the lease that holds."""
        found = watchdog.read(str(self.folder / watchdog.CURRENT))
        return found[1] if found and found[0] > 0 else None

    def watched(self, name: str) -> bool:
        """Whether the watchdog has seen that lease."""
        return (self.folder / name / watchdog.SEEN).exists()

    def prepare(self, name: str, seconds: float, files: Mapping[str, Json]) -> None:
        """Make a lease ready, with what is to be served when it lapses. Raises `OSError`, and nothing has changed."""
        home = self.folder / name
        for path, content in files.items():
            file = home / watchdog.FILES / path
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.write_text(json.dumps(content, separators=(",", ":")))
        (home / watchdog.UNSEEN).touch()
        (home / HELD).write_bytes(watchdog.written(seconds, name))

    def install(self, name: str) -> None:
        """From now on this lease holds."""
        link = self.folder / ".taking"
        link.unlink(missing_ok=True)
        link.hardlink_to(self.folder / name / HELD)
        link.replace(self.folder / watchdog.CURRENT)

    def prolong(self, name: str, seconds: float) -> bool:
        """Write a new end; whether that was in time, that is before the watchdog could have found the old one past."""
        path = self.folder / name / HELD
        began_ns = watchdog.now_ns()
        found = watchdog.read(str(path))
        if found is None or self.current != name:
            return False
        try:
            with path.open("r+b", buffering=0) as file:
                file.write(watchdog.until(seconds))
        except OSError:
            return False
        return (watchdog.now_ns() - began_ns) / 1e9 < found[0] and self.current == name

    def withdraw(self, name: str, before: str | None) -> None:
        """Hold what was held before `name`; one that has lapsed stays, with its fallback."""
        with contextlib.suppress(OSError):
            if self.current == name and before is not None:
                self.install(before)
            elif self.current == name:
                (self.folder / watchdog.CURRENT).unlink()
            if not self._lapsed(name):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def only(self, name: str) -> None:
        """Forget every other lease."""
        with contextlib.suppress(OSError):
            (self.folder / watchdog.LAPSED).unlink(missing_ok=True)
            for home in self.folder.iterdir():
                if home.is_dir() and home.name != name:
                    shutil.rmtree(home, ignore_errors=True)

    def end(self) -> None:
        """Put the fallback of a lease that holds or has lapsed in place. Only where no watchdog runs."""
        with contextlib.suppress(OSError):
            (self.folder / watchdog.CURRENT).replace(self.folder / watchdog.LAPSED)
        self.settle()

    def settle(self) -> None:
        """Do what a watchdog would do now. Only where none runs."""
        with contextlib.suppress(OSError):
            watchdog.look(str(self.router))

    def forget(self) -> None:
        """Nothing is leased any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _lapsed(self, name: str) -> bool:
        found = watchdog.read(str(self.folder / watchdog.LAPSED))
        return found is not None and found[1] == name
