"""Tools that judge rendered files, one file each in `checkers`. One that is not on this machine is named as skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fairlead.kit.registry import Registry


@dataclass(frozen=True, slots=True)
class Finding:
    """What a tool complains of; `file` is relative to the folder that was checked."""

    file: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class Missing(Exception):
    """The tool, or a part of it, is not on this machine; the message says what, and how to get it."""


Check = Callable[[Path], Iterable[Finding]]
"""Judges a folder of rendered files. Raises `Missing`; a tool that can't be run to its end is a finding."""


@dataclass(frozen=True, slots=True)
class Checker:
    """A real tool. `version` runs it and tells its version; raises `Missing`."""

    summary: str
    version: Callable[[], str]
    check: Check


CHECKERS: Registry[Checker] = Registry(kind="checker", package="fairlead.render.checkers", group="fairlead.checkers")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one tool says: what it found, or why it was skipped."""

    checker: str
    version: str = ""
    findings: tuple[Finding, ...] = ()
    skipped: str = ""


def judged(names: Iterable[str], folder: Path) -> Iterable[Verdict]:
    """What each of these tools says about a folder."""
    for name in names:
        checker = CHECKERS.get(name)
        try:
            version = checker.version()
            yield Verdict(name, version, tuple(checker.check(folder)))
        except Missing as error:
            yield Verdict(name, skipped=str(error))
