"""The hello example on the engine: up, talk to it, release while a story is told, go back, down."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.examples.conftest import HELLO

ROOT = HELLO.parents[1]
REFERENCE = ROOT / "docs" / "reference"


class Hello:
    """A copy of the example, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.file = folder / "fairlead.yaml"
        self.file.write_text(self.file.read_text().replace("http: 8080", f"http: {port}"))
        self.state = folder / ".fairlead"
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def fairlead(self, *words: str) -> str:
        """Run a command and give what it printed; one that fails is a failure of the test."""
        command = [sys.executable, "-m", "fairlead", "-f", str(self.file), *words]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
        return result.stdout

    def story(self, length: int) -> str:
        """A whole story."""
        with self.client.stream("GET", f"/stories/stream?n={length}") as answer:
            assert answer.status_code == 200
            return told(answer.iter_lines())


def told(lines: Iterator[str]) -> str:
    """The text of a stream that came to its end."""
    events = [line.removeprefix("data: ") for line in lines if line]
    assert events[-1] == "[DONE]"
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events[:-1]]
    return "".join(delta.get("content", "") for delta in deltas)


@pytest.fixture
def hello(tmp_path: Path) -> Iterator[Hello]:
    """The example, running; stopped after the test."""
    folder = tmp_path / "hello"
    shutil.copytree(HELLO, folder, ignore=shutil.ignore_patterns(".fairlead", "__pycache__"))
    stack = Hello(folder)
    try:
        stack.fairlead("up")
        yield stack
    finally:
        stack.client.close()
        stack.fairlead("down", "--data", "--yes")


@pytest.mark.story
@pytest.mark.timeout(240)
def test_a_story_that_is_being_told_does_not_notice_a_release(hello: Hello) -> None:
    """The old version tells it to the end, the new one tells the next, and the way back works."""
    assert hello.client.post("/notes", content="buy milk").status_code == 201

    with hello.client.stream("GET", "/stories/stream?n=150") as answer:
        lines = answer.iter_lines()
        first = next(lines)
        hello.fairlead("deploy", "stories", "--set", "environment.GREETING=Long, long ago")
        old = told(iter([first, *lines]))

    assert old.startswith("Once upon a time, somebody wrote a note. It said: buy milk")
    assert hello.story(5).startswith("Long, long ago")
    hello.fairlead("rollback", "stories")
    assert hello.story(5).startswith("Once upon a time")


@pytest.mark.story
@pytest.mark.timeout(240)
def test_everything_given_to_a_service_and_kept_for_it_is_documented(hello: Hello) -> None:
    """The variables of a running service, and the entries of the state folder."""
    given = {line.partition("=")[0] for line in hello.fairlead("exec", "stories", "--", "env").splitlines()}
    terminal = {"TERM", "COLORTERM", "COLUMNS", "LINES", "SHELL", "NO_COLOR", "GREETING", "PAUSE_MS"}
    documented = set(re.findall(r"`([A-Z_<>]+)`", (REFERENCE / "environment.md").read_text()))
    page = (REFERENCE / "state-folder.md").read_text()

    assert not {name for name in given - terminal - documented if not re.fullmatch(r"PORT_\w+|\w+_(URL|DIR)", name)}
    assert not [
        entry.name for entry in hello.state.iterdir() if f"`{re.sub('-(wal|shm)$', '', entry.name)}`" not in page
    ]
