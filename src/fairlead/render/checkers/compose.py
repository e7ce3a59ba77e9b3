"""Docker Compose itself reads every project; a warning is a finding."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing
from fairlead.render.tools import TIMEOUT_S, Ran, program, run

HOW = "https://docs.docker.com/compose/install/ (Debian: docker-compose, version 2)"
GIVEN = re.compile(r"\$\{(\w+):\?")


def version() -> str:
    """Of the second generation; the first one reads other files."""
    told = run([*compose(), "version", "--short"])
    return told.out.strip().lstrip("v")


def check(folder: Path) -> Iterator[Finding]:
    """Each `compose.yaml` by itself, and with what development lays over it."""
    command = compose()
    found = sorted(folder.rglob("compose.yaml"))
    for path in found:
        over = path.with_name("compose.development.yaml")
        for files in [[path], *([[path, over]] if over.exists() else [])]:
            words = [word for one in files for word in ("-f", one.name)]
            told = _read([*command, *words, "--profile", "*", "config", "-q"], path.parent, files)
            if told.code or told.err.strip() or told.out.strip():
                name = str(files[-1].relative_to(folder))
                yield Finding(name, " ".join((told.err or told.out).split()) or f"compose ended with {told.code}")
    if not found:
        yield Finding(".", "holds no compose.yaml")


def _read(command: list[str], folder: Path, files: list[Path]) -> Ran:
    """With a value for each variable that has to have one, and nothing else of this environment."""
    names = {name for file in files for name in GIVEN.findall(file.read_text())}
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), **dict.fromkeys(names, "given")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def compose() -> list[str]:
    """As a program of its own, or as a part of `docker`."""
    for command in (["docker-compose"], ["docker", "compose"]):
        try:
            words = [program(command[0], HOW), *command[1:]]
        except Missing:
            continue
        told = run([*words, "version", "--short"])
        if told.code == 0 and not told.out.strip().lstrip("v").startswith("1."):
            return words
    raise Missing(f"Docker Compose (version 2) is not on this machine: {HOW}")


CHECKERS.register("compose")(Checker("Docker Compose reads every project", version, check))
