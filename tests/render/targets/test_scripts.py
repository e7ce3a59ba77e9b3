"""Scripts of people: told options, dry runs, and a restore point."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.render.conftest import scene_named
from tests.render.judging import findings

from fairlead.render.rendering import rendered
from fairlead.render.target import TARGETS, Scene
from fairlead.render.writing import write


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Those of the optimizer."""
    write(rendered("scripts", scene_named("optimizer")).files, tmp_path)
    return tmp_path / "scripts"


def test_no_tool_complains(scene: Scene, tmp_path: Path) -> None:
    """ShellCheck down to style, and make of every target."""
    write(rendered("scripts", scene).files, tmp_path)
    assert findings(TARGETS.get("scripts").checkers, tmp_path) == []


def test_every_script_tells_its_options(scripts: Path) -> None:
    """And does nothing."""
    every = [path for path in scripts.iterdir() if path.is_file()]
    assert len(every) == 10
    for path in every:
        assert _ran(path, "--help").stdout.startswith(f"Usage: {path.name}")


def test_a_restore_goes_back_to_a_moment(scripts: Path) -> None:
    """Of every store that is saved, and of data."""
    told = _ran(scripts / "restore", "20241118_030000", "-e", "production", "--dry-run").stderr
    assert "optimizer-production-postgres-20241118_030000" in told
    assert "pg_restore --clean" in told
    assert ":optimizer-backups/production/" in told


def test_a_release_is_built_for_six_platforms(scripts: Path) -> None:
    """As the stack file says."""
    told = _ran(scripts / "build", "--release", "--tag", "v1.2.3", "--dry-run").stderr
    assert told.count("tar --create") == 6
    assert "optimizer-1.2.3-windows-arm64" in told


def test_health_is_told_by_the_exit_code(scripts: Path) -> None:
    """HTTP is 1, gRPC 2; nothing listens here."""
    told = _ran(scripts / "health-check", "--only", "http", "--only", "grpc", "--timeout", "1", code=3)
    assert "FAIL  http" in told.stdout


def test_an_unknown_environment_is_told_with_those_that_there_are(scripts: Path) -> None:
    """As a wrong use."""
    told = _ran(scripts / "deploy", "--environment", "mars", code=64)
    assert told.stderr == "error: no such environment: mars (there are: default dev production staging)\n"


def _ran(path: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    nowhere = {f"{name}_URL": "http://127.0.0.1:1" for name in ("POSTGRES", "REDIS", "KAFKA")}
    environ = {"PATH": "/usr/bin:/bin", **nowhere}
    command = [str(path), *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return done
