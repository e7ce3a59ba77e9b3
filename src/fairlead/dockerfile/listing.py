"""The files of a directory, as far as a Dockerfile depends on them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MANIFESTS = (
    "pyproject.toml", ".python-version", "package.json", ".nvmrc", ".node-version", "go.mod", "Cargo.toml",
)  # fmt: skip
"""Files of the directory itself whose text matters; of all others it is enough to know that they are there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Names of files, relative to the directory and with `/`, and the text of those in `MANIFESTS`."""

    names: frozenset[str]
    texts: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def first(self, *names: str) -> str | None:
        """The first of these names that is there."""
        return next((name for name in names if name in self.names), None)

    def text(self, name: str) -> str:
        """The text of a manifest; empty where there is none."""
        return self.texts.get(name, "")

    def toml(self, name: str) -> dict[str, Any]:
        """What a manifest says; nothing for one that can't be read, of which its own tool will complain."""
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError:
            return {}

    def json(self, name: str) -> dict[str, Any]:
        """The same for JSON."""
        try:
            found = json.loads(self.text(name) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
