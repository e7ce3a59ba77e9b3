"""Checkov on Terraform: what hardening forgets. Exceptions stand in the rendered files, each with its reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

TIMEOUT_S = 300


def version() -> str:
    """Of the program."""
    return _run(["--version"]).strip()


def check(folder: Path) -> Iterator[Finding]:
    """All root modules at once."""
    said = ["--directory", str(folder), "--framework", "terraform", "--skip-download", "--quiet", "--compact"]
    found: Any = json.loads(_run([*said, "--output", "json"]))
    for report in found if isinstance(found, list) else [found]:
        results = report.get("results", {})
        for one in results.get("failed_checks", []):
            line = one["file_line_range"][0]
            yield Finding(one["file_path"].lstrip("/"), f"{one['check_id']}: {one['check_name']}", line)
        for file in results.get("parsing_errors") or []:
            yield Finding(file, "can't be read")


def _run(arguments: list[str]) -> str:
    beside = Path(sys.executable).with_name("checkov")
    program = str(beside) if beside.is_file() else shutil.which("checkov")
    if program is None:
        raise Missing("checkov is not on this machine (`pip install checkov`)")
    done = subprocess.run(
        [program, *arguments],
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if not done.stdout:
        raise Missing(f"checkov does not run here: {done.stderr.strip()[-200:]}")
    return done.stdout


CHECKERS.register("checkov-terraform")(Checker("hardening that was forgotten in Terraform", version, check))
