"""The README and the tutorial, typed as they are written, in a copy of the repository: what they say has to happen.

Each line of their `sh` blocks is run, in order, in one shell. A block marked `fails=9` has to fail with that code. The
copy makes its own virtual environment, so the way of a stranger with a fresh clone is tested too.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.documents import README, ROOT, Block, blocks

PORT = 8080
LEFT_OUT = (".git", ".venv*", ".fairlead", "__pycache__", ".*_cache", "dist", "build", "*.egg-info", ".coverage*")
NOT_AGAIN = {"make test": "make -n test", "make quick": "make -n quick", "make check": "make -n check"}
"""Commands that would start this test again; that they exist is tested."""

TIME_LIMIT_S = 280
TUTORIAL = ROOT / "docs" / "tutorial" / "first-release.md"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Shell:
    """Runs scripts in a folder, and kills all that is left of them when their time is up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = ("VIRTUAL_ENV", "FAIRLEAD_STATE", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
        self.environment = {name: value for name, value in os.environ.items() if name not in own}

    def run(self, script: str) -> tuple[int, str]:
        """The exit code and everything printed."""
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        return process.returncode, output


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as somebody gets it."""
    folder = tmp_path_factory.mktemp("clone") / "fairlead"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    return folder


@pytest.fixture
def shell(clone: Path, usual_port: None) -> Iterator[Shell]:
    """A shell in the clone; whatever was started is stopped after the test, with its data."""
    if not is_free(PORT):
        if os.environ.get("CI"):
            pytest.fail(f"port {PORT} is taken, and CI must not skip", pytrace=False)
        pytest.skip(f"port {PORT} is taken")
    found = Shell(clone)
    yield found
    found.run("[ ! -x .venv/bin/fairlead ] || .venv/bin/fairlead -f examples/hello/fairlead.yaml down --data --yes")
    shutil.rmtree(clone / "examples" / "hello" / ".fairlead", ignore_errors=True)


def script(page: Path) -> str:
    """All blocks of a page as one script."""
    return "\n".join(_part(block) for block in blocks(page, "sh") if "skip" not in block.words)


def _part(block: Block) -> str:
    lines = [NOT_AGAIN.get(line.partition("  #")[0].strip(), line) for line in block.text.splitlines()]
    shown = [f"echo '@ {block}'", *lines]
    code = next((word.removeprefix("fails=") for word in block.words if word.startswith("fails=")), None)
    if code is not None:
        shown = [shown[0], "code=0", *(f"{line} || code=$?" for line in lines), f'test "$code" = {code}']
    return "\n".join(shown)


def after(output: str, page: Path, line: str) -> str:
    """What the block that holds this line printed."""
    block = next(block for block in blocks(page, "sh") if line in block.text)
    return output.partition(f"@ {block}\n")[2].partition("\n@ ")[0]


@pytest.mark.story
@pytest.mark.timeout(TIME_LIMIT_S + 60)
def test_the_readme_does_what_it_says(shell: Shell) -> None:
    """From `make up` over a release and back to `make down`."""
    code, output = shell.run(script(README))

    assert code == 0, output
    first = after(output, README, "make up")
    assert "install " in first
    assert "ready " in first
    assert "data: [DONE]" in after(output, README, "/v1/chat/completions")
    assert "data: [DONE]" in after(output, README, "curl -d 'buy milk'")
    released = after(output, README, "fairlead history")
    assert '"Long, "' in released
    assert "v2" in released


@pytest.mark.story
@pytest.mark.timeout(TIME_LIMIT_S + 60)
def test_the_tutorial_does_what_it_says(shell: Shell) -> None:
    """Its broken version too: refused, with the old one serving."""
    code, output = shell.run(script(TUTORIAL))

    assert code == 0, output
    assert '"content":"Say hello"' in after(output, TUTORIAL, "/v1/chat/completions")
    assert '"Long, "' in output
    refused = after(output, TUTORIAL, "PAUSE_MS=soon")
    assert "ValueError" in refused
    assert "error:" in refused
