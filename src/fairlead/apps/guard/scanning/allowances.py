"""What a project allows, in `.fairlead-guard.toml`: by fingerprint, path or rule, with a reason, and until when.

key = "some random text"        # of fingerprints; FAIRLEAD_GUARD_KEY goes before it

[[allow]]
path = "tests/fixtures/**"      # relative to this file
rule = "generic.*"
reason = "made-up values of the parser's tests"
until = 2027-01-01
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from fairlead.errors import Problem, StackError
from fairlead.kit import suggest

NAME = ".fairlead-guard.toml"
_KEYS = ("key", "allow")
_ALLOW = ("digest", "path", "rule", "reason", "until")


class AllowancesError(StackError):
    """The file does not hold together; carries every problem."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry. What it does not say it does not ask for."""

    number: int
    reason: str
    digest: str | None = None
    path: str | None = None
    rule: str | None = None
    until: date | None = None

    def covers(self, path: str, rule: str, digest: str) -> bool:
        """Whether it is about such a finding, expired or not."""
        return (
            (self.digest is None or self.digest == digest)
            and (self.rule is None or fnmatchcase(rule, self.rule))
            and (self.path is None or bool(_glob(self.path).fullmatch(path)))
        )

    def expired(self, today: date) -> bool:
        """Whether it no longer counts: it does on its last day."""
        return self.until is not None and today > self.until

    def __str__(self) -> str:
        said = [f"{name} {value}" for name in _ALLOW[:3] if (value := getattr(self, name))]
        return f"allow {self.number} ({', '.join(said)}: {self.reason})"


@dataclass(frozen=True, slots=True)
class Allowances:
    """All entries of a file, and the folder that its paths begin at."""

    folder: str = ""
    key: str = ""
    entries: tuple[Allowance, ...] = ()

    def relative(self, path: str) -> str:
        """A path as entries name it."""
        member = path.partition("!")
        inside = os.path.relpath(member[0], self.folder) if self.folder and member[0][:1] != "<" else member[0]
        return "".join((inside, *member[1:]))


def found(start: str) -> Allowances:
    """Those of the nearest file in a folder or above it; none when there is no file. Raises `AllowancesError`."""
    here = Path(start).absolute()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return read(folder / NAME)
    return Allowances()


def read(path: Path) -> Allowances:
    """Those of a file. Raises `AllowancesError` with every problem."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AllowancesError([Problem(str(path), 0, "", f"no TOML: {str(error).lower()}")]) from error
    problems = list(_problems(data, str(path)))
    if problems:
        raise AllowancesError(problems)
    entries = [Allowance(number, **entry) for number, entry in enumerate(data.get("allow", []), 1)]
    return Allowances(str(path.parent), data.get("key", ""), tuple(entries))


def _problems(data: dict[str, Any], file: str) -> Iterator[Problem]:
    yield from _unknown(data, _KEYS, file, "")
    if not isinstance(data.get("key", ""), str):
        yield Problem(file, 0, "key", "should be a text")
    entries = data.get("allow", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield Problem(file, 0, "allow", "should be written as `[[allow]]`")
        return
    for number, entry in enumerate(entries, 1):
        yield from _of_entry(entry, file, f"allow {number}")


def _of_entry(entry: dict[str, Any], file: str, where: str) -> Iterator[Problem]:
    yield from _unknown(entry, _ALLOW, file, where)
    for name in _ALLOW[:4]:
        if not isinstance(entry.get(name, ""), str):
            yield Problem(file, 0, f"{where}: {name}", "should be a text")
    if not str(entry.get("reason", "")).strip():
        yield Problem(file, 0, where, "has no reason", 'say why it may stand there: `reason = "…"`')
    if not any(entry.get(name) for name in _ALLOW[:3]):
        yield Problem(file, 0, where, "would allow everything", "name a digest, a path or a rule")
    if type(entry.get("until", date.min)) is not date:
        yield Problem(file, 0, f"{where}: until", "should be a day", "such as `until = 2027-01-01`, without quotes")


def _unknown(data: dict[str, Any], known: tuple[str, ...], file: str, where: str) -> Iterator[Problem]:
    for name in data:
        if name not in known:
            near = suggest.nearest(name, known)
            yield Problem(file, 0, where, f"unknown key {name}", f"did you mean `{near}`?" if near else None)


def _glob(pattern: str) -> re.Pattern[str]:
    """A path with `*` (within a name), `**` (over folders) and `?`; a folder stands for all that is in it."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda found: parts.get(found[0], re.escape(found[0])), pattern)
    return re.compile(f"{text.rstrip('/')}(?:[/!].*)?", re.DOTALL)
