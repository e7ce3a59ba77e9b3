"""Where the configuration is read: a YAML file, or `FAIRLEAD_CONFIG` (JSON, as a stack's `with:` gives it).

All problems of it are named at once, with file and line where there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fairlead.apps.hub.config import Config
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.errors import StackError
from fairlead.kit import yaml

VARIABLE = "FAIRLEAD_CONFIG"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the configuration stands. Without a file and a variable, that of a hub with the `echo` provider."""

    file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes when the file does: its number, its size and its time; `None` where there is no file to look at."""
        if self.file is None:
            return None
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def read(self) -> Config:
        """The configuration. Raises `Misconfigured`."""
        if self.file is not None:
            return self._of_file(self.file)
        text = self.environ.get(VARIABLE)
        if not text:
            return Config()
        try:
            return checked(json.loads(text))
        except ValueError as error:
            raise Misconfigured([f"{VARIABLE}: this is not valid JSON: {error}"]) from None

    @staticmethod
    def _of_file(file: Path) -> Config:
        try:
            document = yaml.read(file)
        except StackError as error:
            raise Misconfigured([str(problem) for problem in error.problems]) from None
        if document.problems:
            raise Misconfigured([str(problem) for problem in document.problems])
        return checked(document.data or {}, document)


def checked(data: Any, document: yaml.Document | None = None) -> Config:
    """Data as a configuration. Raises `Misconfigured`, with the line of each problem where there is a document."""
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise Misconfigured([_told(dict(problem), document) for problem in error.errors()]) from None


def _told(problem: Mapping[str, Any], document: yaml.Document | None) -> str:
    path = tuple(problem["loc"])
    message = str(problem["msg"])
    message = "unknown key" if problem["type"] == "extra_forbidden" else message[:1].lower() + message[1:]
    where = yaml.dotted(path) or VARIABLE
    return f"{document.file}:{document.line(path)}: {where}: {message}" if document else f"{where}: {message}"
