"""The chores' own tools: floors, the times of `make up`, and an environment that makes itself or says what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.floor import floors
from tools.up_times import split

ROOT = Path(__file__).resolve().parents[2]


def test_a_floor_is_the_oldest_version_allowed() -> None:
    """Extras don't belong into a constraints file."""
    text = floors(["click>=8.1.7", "uvicorn[standard] >= 0.32,<2"])
    assert text.splitlines()[1:] == ["click==8.1.7", "uvicorn==0.32"]


def test_a_dependency_without_a_floor_is_an_error() -> None:
    """It could not be tested."""
    with pytest.raises(SystemExit, match="has no floor"):
        floors(["click"])


def test_the_time_of_up_is_split_at_the_last_start() -> None:
    """Instances that ran before don't count."""
    instances = [{"since": 50.0}, {"since": 112.0}, {"since": 113.0}, {"since": None}]
    status = {"services": [{"versions": [{"instances": instances}]}]}
    assert (
        split(status, 100.0, 110.0, 115.0).strip() == "install 10.00 s · start 3.00 s · ready 2.00 s · 15.00 s in all"
    )


def test_every_target_of_make_is_explained() -> None:
    """`make` lists those that people type, and what each is for."""
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True).stdout
    for target in ("up", "down", "test", "quick", "check", "bench", "docs", "help"):
        assert re.search(rf"^  make {target} +\w", shown, re.MULTILINE), target


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Just enough of the repository to make an environment."""
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "venv.sh", folder / "tools")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def make_environment(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    command = [bash, "tools/venv.sh", "run"]
    environment = {"HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=50, check=False
    )


def programs(folder: Path, *names: str) -> str:
    """A PATH with these programs and no other."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


def test_without_a_new_enough_python_it_says_which_is_needed(checkout: Path, tmp_path: Path) -> None:
    """And how to get one."""
    result = make_environment(checkout, PATH=programs(tmp_path / "bin", "dirname", "cksum", "head"))
    assert result.returncode == 4
    assert "Python 3.11 or later is needed; found none" in result.stderr
    assert "hint: " in result.stderr


def test_a_python_without_venv_is_told(checkout: Path, tmp_path: Path) -> None:
    """Debian splits it off."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    result = make_environment(checkout, PATH=os.environ["PATH"], PYTHON=str(python))
    assert result.returncode == 4
    assert "apt-get install python3-venv" in result.stderr


def test_an_environment_that_is_there_is_left_alone(checkout: Path) -> None:
    """The stamp says that it holds what pyproject.toml asks for."""
    binaries = checkout / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    sums = subprocess.run(["cksum"], input=(checkout / "pyproject.toml").read_bytes(), capture_output=True, check=True)
    (checkout / ".venv" / ".fairlead-run").write_text(f"{checkout}\n{sums.stdout.decode()}")

    result = make_environment(checkout, PATH=os.environ["PATH"])

    assert result.returncode == 0
    assert result.stdout == ""
