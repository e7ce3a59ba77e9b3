"""The hook that looks through what is staged, before each commit."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from fairlead.apps.guard.scanning import repository
from fairlead.errors import Conflict
from fairlead.kit.files import write_atomically

MARK = "# written by `fairlead guard install-hook`"


def install(folder: str, program: str, baseline: str | None = None) -> Path:
    """Writes the hook of a repository. Raises `Conflict` when another one is there, and `NoRepository`."""
    named = repository.told(folder, "rev-parse", "--git-path", "hooks", plain=True)
    path = Path(folder) / os.fsdecode(named.rstrip(b"\n")) / "pre-commit"
    if path.exists() and MARK not in path.read_text("utf-8", "replace"):
        raise Conflict(
            f"{path} is there already, and not ours",
            hint=f"add `{_line(program, baseline)}` to it",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, f"#!/bin/sh\n{MARK}\nexec {_line(program, baseline)}\n", mode=0o755)
    return path


def _line(program: str, baseline: str | None) -> str:
    return f"{program} guard scan --staged" + (f" --baseline {shlex.quote(baseline)}" if baseline else "")
