"""`make up` on a fresh clone, with no root and no Docker: install, start, ready; and a second time.

Limit of the second one: 3 s of Fairlead's own work. Needs the package index, and takes the hello example.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench.figures import Figures
from bench.load.process import ROOT
from bench.town import free_port

TIMES = 1
LIMIT_S = 3.0
SPLIT = re.compile(r"install ([\d.]+) s · start ([\d.]+) s · ready ([\d.]+) s")


def measure(times: int) -> Figures:
    """A clone for each time."""
    figures = Figures([])
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="fairlead-clone-") as folder:
            clone = Path(folder) / "fairlead"
            _run("git", "clone", "--quiet", str(ROOT), str(clone), cwd=Path(folder))
            _move_entrance(clone / "examples/hello/fairlead.yaml")
            try:
                figures.rows += [_up(clone, "fresh clone"), second := _up(clone, "second time")]
            finally:
                subprocess.run(["make", "down"], cwd=clone, capture_output=True, check=False)
        if float(second["start s"]) + float(second["ready s"]) > LIMIT_S:
            figures.broken.append(f"the second `make up` took more than {LIMIT_S:g} s: {second}")
    return figures


def _up(clone: Path, what: str) -> dict[str, str]:
    began = time.monotonic()
    said = _run("make", "up", cwd=clone)
    whole = time.monotonic() - began
    found = SPLIT.search(said)
    assert found, said
    install, start, ready = found.groups()
    return {"make up": what, "install s": install, "start s": start, "ready s": ready, "in all s": f"{whole:.2f}"}


def _move_entrance(file: Path) -> None:
    """Another port than the example's, which somebody may have up."""
    text = file.read_text()
    assert "http: 8080" in text
    file.write_text(text.replace("http: 8080", f"http: {free_port()}"))


def _run(*command: str, cwd: Path) -> str:
    given = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PIP_INDEX_URL") if name in os.environ
    }
    given |= {
        name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_", "HTTP", "http"))
    }
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run([program, *command[1:]], cwd=cwd, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
