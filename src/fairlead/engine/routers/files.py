"""The files Envoy reads. Each is replaced whole, by a rename, so that nobody ever reads half of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fairlead.engine.routers.config import ENDPOINTS, ROUTES, SECRETS, Config
from fairlead.engine.routers.resources import Json
from fairlead.errors import RouterError


class Files:
    """A folder with a configuration in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Json | None] = {}

    def prepare(self) -> None:
        """Make the folders, and files that configure nothing where there are none."""
        try:
            for name in ("", ENDPOINTS, ROUTES, SECRETS):
                (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unwritable(error, self.folder) from error
        for path, content in Config().files.items():
            if self._read(path) is None:
                self.put(path, content)

    def load(self) -> Config:
        """What is there; what can't be read is not."""
        self._known.clear()
        return Config(
            endpoints=self._folder(ENDPOINTS),
            clusters=_by_name(self._read("cds.json")),
            secrets=self._folder(SECRETS),
            routes=self._folder(ROUTES),
            listeners=_by_name(self._read("lds.json")),
        )

    def save(self, config: Config) -> None:
        """Write what differs from what was last read or written, what is pointed at first; then remove the rest."""
        for path, wanted in config.files.items():
            if self._known.get(path) != wanted:
                self.put(path, wanted)
        for name in (ENDPOINTS, ROUTES, SECRETS):
            for file in (self.folder / name).glob("*.json"):
                if f"{name}/{file.name}" not in config.files:
                    file.unlink(missing_ok=True)

    def put(self, path: str, content: Json) -> None:
        """Replace one file."""
        target = self.folder / path
        partial = target.with_name(f".{target.name}.new")
        try:
            with partial.open("w") as file:
                json.dump(content, file, separators=(",", ":"))
            partial.replace(target)
        except OSError as error:
            raise _unwritable(error, target) from error
        self._known[path] = content

    def touch(self, path: str) -> None:
        """Let Envoy read a file again."""
        if (content := self._read(path)) is not None:
            self.put(path, content)

    def _folder(self, name: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for path in sorted((self.folder / name).glob("*.json")):
            found |= _by_name(self._read(f"{name}/{path.name}"))
        return found

    def _read(self, path: str) -> Json | None:
        try:
            content: Any = json.loads((self.folder / path).read_text())
        except (OSError, ValueError):
            content = None
        self._known[path] = content if isinstance(content, dict) else None
        return self._known[path]


def _by_name(discovery: Json | None) -> dict[str, Json]:
    resources = discovery["resources"] if discovery else []
    return {resource.get("name") or resource["cluster_name"]: resource for resource in resources}


def _unwritable(error: OSError, path: Path) -> RouterError:
    return RouterError(f"{path}: can't be written: {error.strerror}", hint="is the disk full, or the folder read-only?")
