"""systemd itself: what it says of units, and how exposed it counts them. Without an exception."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "it comes with systemd (Debian: systemd)"
THRESHOLD = 15
"""Exposure, in tenths, of 100: https://www.freedesktop.org/software/systemd/man/systemd-analyze.html."""


def version() -> str:
    """As it says it."""
    return run([program("systemd-analyze", HOW), "--version"]).out.split("\n")[0].removeprefix("systemd ")


def check(folder: Path) -> Iterator[Finding]:
    """Every unit beside all the others, since they name one another. A warning is a finding: it exits with 0 then."""
    units = sorted(path for path in folder.glob("units/*") if path.is_file())
    if not units:
        yield Finding("units", "holds no unit")
    with tempfile.TemporaryDirectory(prefix="fairlead-units-") as scratch:
        every = [_laid(path, Path(scratch)) for path in units]
        command = [program("systemd-analyze", HOW), "verify", "--recursive-errors=one", "--man=no"]
        told = run([*command, *map(str, every)])
        for line in (told.err + told.out).splitlines():
            if line.strip():
                yield Finding(_where(line), line.strip())
        if told.code and not told.err.strip():
            yield Finding("units", f"systemd-analyze verify ended with {told.code}")
        yield from _exposure([path for path in every if path.suffix == ".service"])


def _laid(path: Path, scratch: Path) -> Path:
    """A template is looked at as its instance 1."""
    text = path.read_text()
    place = scratch / re.sub(r"@(?=\.)", "@1", path.name)
    (scratch / path.name).write_text(text)
    if place.name != path.name:
        place.symlink_to(path.name)
    return place


def _exposure(services: list[Path]) -> Iterator[Finding]:
    for path in services:
        command = [program("systemd-analyze", HOW), "security", "--offline=true", f"--threshold={THRESHOLD}"]
        told = run([*command, "--no-pager", str(path)])
        if told.code:
            said = next((line for line in told.out.splitlines() if "exposure level" in line), told.err.strip())
            yield Finding(f"units/{path.name}", said.strip("→ "))


def _where(line: str) -> str:
    found = re.search(r"([\w@.-]+\.(?:service|timer|target|socket|slice))", line)
    return f"units/{found.group(1)}" if found else "units"


CHECKERS.register("systemd")(Checker("Units, and how exposed they are", version, check))
