"""What the image of an app of ours is built from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.engine.images import context
from fairlead.engine.images.own import LEFT_OUT, Installation
from fairlead.stack.model import Stack


@pytest.fixture
def hub(tmp_path: Path) -> Installation:
    """The hub's, of a stack that has nothing else."""
    stack = Stack.model_validate({"name": "town", "runtime": "docker", "services": {"hub": {"uses": "hub"}}})
    found = context.of("hub", stack.services["hub"], stack, tmp_path)
    assert isinstance(found, Installation)
    return found


def test_the_hub_runs_from_nothing_but_the_files_that_are_sent(hub: Installation, tmp_path: Path) -> None:
    """Laid out as the image lays them out, for a Python that has no packages of its own."""
    for inside, path in hub.files():
        place = tmp_path / inside.removeprefix("packages/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)
    words = [sys.executable, "-S", "-P", "-m", "fairlead", "hub", "models"]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert "echo/echo" in ran.stdout


def test_what_only_the_engine_runs_on_stays_here(hub: Installation) -> None:
    """The router's binary alone would be the larger part of the image."""
    sent = {inside.split("/")[1] for inside, _ in hub.files() if inside.startswith("packages/")}
    assert {"uvloop", "pydantic"} <= sent
    assert not sent & {name.replace("-", "_") for name in LEFT_OUT}
    assert not [inside for inside, _ in hub.files() if inside.endswith(".pyc")]


def test_its_dockerfile_asks_no_index_and_begins_with_the_python_of_this_installation(hub: Installation) -> None:
    """The packages first, which seldom change; ours last."""
    text, stage = hub.instructions()
    assert f"FROM python:{sys.version_info[0]}.{sys.version_info[1]}-slim AS production" in text
    assert stage == "production"
    assert "RUN" not in text
    assert text.index("COPY packages") < text.index("USER 1001") < text.index("COPY fairlead")
    assert 'CMD ["python", "-P", "-m", "fairlead", "hub", "serve"]' in text
    assert "/readiness" in text
