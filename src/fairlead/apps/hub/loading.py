"""Where the configuration is read: a YAML or JSON file, which `FAIRLEAD_CONFIG` may name (as a stack's `with:` does) or
be the text of.

All problems of it are named at once, with file and line where there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fairlead.apps.hub import complaints
from fairlead.apps.hub.complaints import Complaint
from fairlead.apps.hub.config import Config
from fairlead.apps.hub.routes.compiling import Misconfigured
from fairlead.errors import StackError
from fairlead.kit import yaml

VARIABLE = "FAIRLEAD_CONFIG"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the configuration stands. Without a file and a variable, that of a hub with the `echo` provider."""

    file: Path | None = None
    """A file that was named; it goes before the variable."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def place(self) -> Path | None:
        """The file that is read, however it was named."""
        said = self.environ.get(VARIABLE, "").strip()
        return self.file or (Path(said) if said and not _is_text(said) else None)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes when the file does: its number, its size and its time; `None` where there is no file to look at."""
        place = self.place
        if place is None:
            return None
        try:
            found = place.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def read(self) -> Config:
        """The configuration. Raises `Misconfigured`."""
        place = self.place
        if place is not None:
            return self._of_file(place)
        text = self.environ.get(VARIABLE, "").strip()
        if not text:
            return Config()
        try:
            return checked(json.loads(text))
        except ValueError as error:
            raise Misconfigured([f"{VARIABLE}: this is not valid JSON: {error}"]) from None

    def located(self, error: Misconfigured) -> Misconfigured:
        """Problems that begin with a key, with the line of it where there is a file."""
        place = self.place
        if place is None or not place.is_file():
            return error
        document = yaml.parse(place.read_text(errors="replace"), str(place))
        found = [complaints.placed(problem, document.data) for problem in error.problems]
        return Misconfigured([_said(one, document) if one.path else one.message for one in found])

    @staticmethod
    def _of_file(file: Path) -> Config:
        try:
            document = yaml.read(file)
        except StackError as error:
            raise Misconfigured([str(problem) for problem in error.problems]) from None
        if document.problems:
            raise Misconfigured([str(problem) for problem in document.problems])
        if document.data is None:  # an editor amid writing, more often than somebody who wants no model and no key
            raise Misconfigured([f"{document.file}: is empty; `{{}}` is a configuration that says nothing"])
        return checked(document.data, document)


def _is_text(said: str) -> bool:
    """Whether it is a configuration itself, rather than the name of a file with one."""
    return said.startswith("{") or "\n" in said


def checked(data: Any, document: yaml.Document | None = None) -> Config:
    """Data as a configuration. Raises `Misconfigured`, with the line of each problem where there is a document."""
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise Misconfigured([_said(one, document) for one in complaints.told(error, data)]) from None


def _said(one: Complaint, document: yaml.Document | None) -> str:
    message = f"{yaml.dotted(one.path) or VARIABLE}: {one.message}" + (f" ({one.hint})" if one.hint else "")
    return f"{document.file}:{document.line(one.path)}: {message}" if document else message
