"""Scripts that are rendered, beside a stack that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.town import Town
from tests.stories.services import web


@pytest.mark.only_on("process")
def test_the_health_check_asks_fairlead_where_it_runs_the_stack(town: Town) -> None:
    """Ports are its own choice there; once it is down, those of the stack file are asked."""
    town.declare({"web": web(ports={"http": 9})})
    town.fairlead("render", "scripts", "--out", str(town.folder / "rendered"))
    town.up()
    assert _checked(town) == (0, "ok    http      web\n")
    town.fairlead("down")
    assert _checked(town) == (1, "FAIL  http      web\n")


def _checked(town: Town) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = next((town.folder / "rendered").rglob("health-check"))
    environ = {"PATH": path, "HOME": str(town.folder)}
    done = subprocess.run([script], env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout
