"""checkov: what security guides ask of Dockerfiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.checkers.checkov import HOW, judged, version
from fairlead.render.tools import program

EXCEPTIONS: Mapping[str, str] = {}
"""Checks left out, and why: none."""


def check(folder: Path) -> Iterator[Finding]:
    """Every Dockerfile; where there is none, nothing is built."""
    program("checkov", HOW)
    if any(folder.rglob("Dockerfile")):
        yield from judged("dockerfile", folder, EXCEPTIONS)


CHECKERS.register("checkov-dockerfile")(Checker("What security guides ask of Dockerfiles", version, check))
