"""Terraform itself: its format, what the providers' schemas say, and the tests that were rendered beside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fairlead.render.checker import CHECKERS, Checker, Finding, Missing

TIMEOUT_S = 300
ROOT = "backend.hcl"
"""The file that every root module has."""


def version() -> str:
    """Of the program."""
    said = json.loads(_run(["version", "-json"], Path.cwd()).stdout)
    return str(said["terraform_version"])


def check(folder: Path) -> Iterator[Finding]:
    """The format of all files; then each root module, in a copy, since Terraform writes beside what it reads."""
    for line in _run(["fmt", "-check", "-recursive", "-list=true"], folder).stdout.splitlines():
        yield Finding(line, "`terraform fmt` would write it differently")
    with tempfile.TemporaryDirectory(prefix="fairlead-terraform-") as scratch:
        for number, root in enumerate(sorted(path.parent for path in folder.glob(f"*/{ROOT}"))):
            copy = Path(scratch, str(number))
            shutil.copytree(root, copy)
            yield from _of_root(copy, root.name)


def _of_root(copy: Path, name: str) -> Iterator[Finding]:
    ready = _run(["init", "-backend=false", "-input=false", "-no-color"], copy)
    if ready.returncode:
        raise Missing(f"a provider can't be fetched: {_first(ready.stderr or ready.stdout)}")
    found = json.loads(_run(["validate", "-json"], copy).stdout)
    for one in found["diagnostics"]:
        where = one.get("range", {})
        line = where.get("start", {}).get("line")
        yield Finding(f"{name}/{where.get('filename', '')}", f"{one['summary']}: {one.get('detail', '')}", line)
    if found["valid"]:
        tested = _run(["test", "-no-color"], copy)
        if tested.returncode:
            yield Finding(f"{name}/tests", _first(tested.stderr or tested.stdout))


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("terraform")
    if program is None:
        raise Missing("terraform is not on this machine (https://developer.hashicorp.com/terraform/install)")
    environ = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def _first(text: str) -> str:
    """The lines of what went wrong first."""
    lines = [line.strip(" │╷╵") for line in text.splitlines() if line.strip(" │╷╵")]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error")), 0)
    return " ".join(lines[start : start + 4])


CHECKERS.register("terraform")(Checker("format, schemas of the providers, rendered tests", version, check))
