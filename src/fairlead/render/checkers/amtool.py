"""amtool: Alertmanager's configuration, and whether each alert reaches whom it has to reach."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import yaml

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

TIMEOUT_S = 60
CONFIGURATION = "alertmanager.yml"


def version() -> str:
    """Of Alertmanager, which it comes with."""
    found = re.search(r"version (\S+)", _run(Path(), "--version")[1])
    return found.group(1) if found else "of an unknown version"


def check(folder: Path) -> Iterator[Finding]:
    """The configuration, then each case of `routes.yml`."""
    code, told = _run(folder, "check-config", CONFIGURATION)
    if code:
        yield Finding(CONFIGURATION, " ".join(told.split()))
        return
    for case in yaml.safe_load((folder / "routes.yml").read_text()):
        labels = [f"{key}={value}" for key, value in case["labels"].items()]
        wanted = f"--verify.receivers={','.join(case['receivers'])}"
        code, told = _run(folder, "config", "routes", "test", f"--config.file={CONFIGURATION}", wanted, *labels)
        if code:
            yield Finding("routes.yml", f"{' '.join(labels)}: {' '.join(told.split())}")


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    program = shutil.which("amtool")
    if program is None:
        raise Missing("amtool is not on this machine: it comes with Alertmanager (Debian: `prometheus-alertmanager`)")
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


CHECKERS.register("amtool")(Checker("amtool: the configuration, and whom each alert reaches", version, check))
