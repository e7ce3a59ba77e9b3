"""A secret reaches the program that needs it, through its environment, and nothing else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from bench.town import Town, until
from tests.stories.services import web

VALUE = "hunter2-" + "ZK4q9vTn81"
SHOWING = (["status", "--json"], ["history", "--json"], ["logs"], ["plan"], ["doctor"], ["daemon", "log"])
QUICK = {"backoff": "50ms", "backoff_max": "100ms"}


def declare(town: Town, mood: str = "") -> None:
    town.declare(
        {"web": web(mood=mood, secrets={"API_KEY": "api-key"}, restart=QUICK)}, secrets={"api-key": {"env": "MY_KEY"}}
    )


def test_a_secret_is_never_on_disk_nor_in_a_command_line_nor_in_an_output(town: Town) -> None:
    """Through up, a release, a restart of the program, a kill of the daemon, and every command that shows something."""
    town.environ["MY_KEY"] = VALUE
    declare(town)
    said = [town.up().text, town.fairlead("deploy", "web", "--set", "environment.WORD=new").text]
    assert town.fairlead("exec", "web", "--", "sh", "-c", 'printf "$API_KEY" | wc -c').out == f"{len(VALUE)}\n"
    os.kill(town.instances("web")[0]["pid"], signal.SIGKILL)
    until(lambda: town.instances("web")[0]["restarts"] == 1, "it is started again")
    town.kill_daemon()
    said.append(town.fairlead("daemon", "start").text)
    said += ["".join(town.begin(*words).communicate(timeout=30)) for words in SHOWING]
    assert [text for text in said if VALUE in text] == []
    assert [str(path) for path in _files(town.folder) if VALUE.encode() in path.read_bytes()] == []
    assert [pid for pid in _pids() if VALUE.encode() in _command_line(pid)] == []


def test_a_program_that_tells_its_secret_and_dies_is_quoted_without_it(town: Town) -> None:
    """Its last words are in the error all the same."""
    town.environ["MY_KEY"] = VALUE
    declare(town, mood="tells")
    said = town.fairlead("up", fails=True)
    assert "the key is" in said.err
    shown = [said.text, town.fairlead("status").text, town.fairlead("history").text, town.fairlead("logs").text]
    assert [text for text in shown if VALUE in text] == []


def test_a_secret_without_a_value_is_an_error_before_anything_starts(town: Town) -> None:
    """Which one, and where it is looked for."""
    declare(town)
    said = town.fairlead("up", fails=True)
    assert said.code == 4
    assert "api-key" in said.err
    assert "MY_KEY" in said.err
    assert town.processes() == {}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
