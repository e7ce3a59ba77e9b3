"""Programs that checkers run: found on the path or beside this Python, with a limit of time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairlead.render.checker import Missing

TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str


def program(name: str, how: str) -> str:
    """Its path. Raises `Missing` with `how` to get it."""
    beside = Path(sys.executable).parent
    found = shutil.which(name) or shutil.which(name, path=str(beside))
    if found is None:
        raise Missing(f"{name} is not on this machine: {how}")
    return found


def run(command: Sequence[str], folder: Path | None = None) -> Ran:
    """Run it to its end, in a folder. Raises `subprocess.TimeoutExpired` when it has none."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


KUBECTL = "https://kubernetes.io/docs/tasks/tools/ (Debian: kubernetes-client)"


def built(folder: Path) -> Iterator[tuple[str, Ran]]:
    """What Kustomize makes of every kustomization in a folder, by its place there. Raises `Missing`."""
    kubectl = program("kubectl", KUBECTL)
    for path in sorted(folder.rglob("kustomization.yaml")):
        where = path.parent.relative_to(folder).as_posix()
        yield where, run([kubectl, "kustomize", str(path.parent)])
