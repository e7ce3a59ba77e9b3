"""promtool: the configuration, the rules, and the rehearsal of each alert."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

TIMEOUT_S = 300


def version() -> str:
    """Of Prometheus, which it comes with."""
    found = re.search(r"version (\S+)", _run(Path(), "--version")[1])
    return found.group(1) if found else "of an unknown version"


def check(folder: Path) -> Iterator[Finding]:
    """Everything that a Prometheus server reads."""
    if (folder / "prometheus.yml").exists():
        # not whether files of secrets are there: they are on the server only
        yield from _asked(folder, "prometheus.yml", "check", "config", "--syntax-only", "prometheus.yml")
    for rules in sorted(folder.glob("rules/*.yml")):
        name = str(rules.relative_to(folder))
        yield from _asked(folder, name, "check", "rules", "--lint=all", "--lint-fatal", name)
    for tests in sorted(folder.glob("tests/*.yml")):
        name = str(tests.relative_to(folder))
        yield from _asked(folder, name, "test", "rules", name)


def _asked(folder: Path, file: str, *arguments: str) -> Iterator[Finding]:
    code, told = _run(folder, *arguments)
    if code:
        yield Finding(file, " ".join(told.split())[:2000] or f"promtool ended with {code}")


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    program = shutil.which("promtool")
    if program is None:
        raise Missing("promtool is not on this machine: it comes with Prometheus (Debian: `prometheus`)")
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


CHECKERS.register("promtool")(Checker("promtool: configuration, rules, and a rehearsal of each alert", version, check))
