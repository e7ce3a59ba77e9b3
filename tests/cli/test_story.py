"""The command line with the real daemon behind it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


def call(*words: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    command = [sys.executable, "-m", "fairlead", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)


@pytest.mark.story
@pytest.mark.usefixtures("usual_port")
@pytest.mark.timeout(180)
def test_what_init_writes_in_an_empty_folder_comes_up(folder: Path) -> None:
    """From nothing to an answer over HTTP in two commands; then down, with nothing left."""
    (folder / "fairlead.yaml").unlink()
    assert call("init").returncode == 0

    up = call("up")
    try:
        assert up.returncode == 0, up.stderr
        address = next(line.split()[1] for line in up.stdout.splitlines() if line.startswith("  app"))
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200
        assert call("up").stdout.startswith("the stack is up: nothing had to change\n")
    finally:
        down = call("down", "--data", "--yes")

    assert down.stdout == "the stack is down\n"
    assert call("status").stderr == "error: no daemon runs for this stack\nhint: `fairlead up` starts it\n"
