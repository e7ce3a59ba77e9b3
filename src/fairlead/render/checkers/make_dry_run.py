"""make: every target of a rendered Makefile can be made, as far as `--dry-run` tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "Debian: make"
TARGET = re.compile(r"^([a-z][a-z0-9-]*):", re.MULTILINE)


def version() -> str:
    """As it says it."""
    return run([program("make", HOW), "--version"]).out.splitlines()[0].removeprefix("GNU Make ")


def check(folder: Path) -> Iterator[Finding]:
    """Each target by itself."""
    names = TARGET.findall((folder / "Makefile").read_text())
    for name in names:
        told = run([program("make", HOW), "--dry-run", "--warn-undefined-variables", "ENV=x", name], folder)
        if told.code:
            yield Finding("Makefile", f"{name}: {told.err.strip()[-300:]}")
    if not names:
        yield Finding("Makefile", "has no targets")


CHECKERS.register("make-dry-run")(Checker("Every target of the Makefile", version, check))
