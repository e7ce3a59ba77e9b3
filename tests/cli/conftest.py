"""A stack file in a folder of its own, a daemon that is not real, and `fairlead` called as a person calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.cli.main import main
from fairlead.daemon.paths import StatePaths

from .faking import FakeDaemon, listening

STACK = """\
name: shop
services:
  notes:
    command: python3 notes.py
    ports: {http: 8000}
"""


@dataclass(frozen=True)
class Result:
    """What a command left."""

    code: int
    out: str
    err: str


Fairlead = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with a stack file; its state is where a socket's path is short enough."""
    state = Path(tempfile.mkdtemp(prefix="fl"))
    for name in ("NO_COLOR", "COLUMNS", "FAIRLEAD_DEBUG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FAIRLEAD_STATE", str(state))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fairlead.yaml").write_text(STACK)
    yield tmp_path
    shutil.rmtree(state)


@pytest.fixture
def paths(folder: Path) -> StatePaths:
    """The state folder of that stack file."""
    found = StatePaths(folder / "fairlead.yaml")
    found.prepare()
    return found


@pytest.fixture
def daemon(paths: StatePaths) -> Iterator[FakeDaemon]:
    """A daemon that listens where the stack's own would."""
    with listening(paths.socket) as fake:
        yield fake


@pytest.fixture
def fairlead(folder: Path, capsys: pytest.CaptureFixture[str]) -> Fairlead:
    """Run a command in this process."""

    def run(*words: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(words)
        told = capsys.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 1, told.out, told.err)

    return run


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Begin a command as a process of its own, with pipes."""
    begun: list[subprocess.Popen[bytes]] = []

    def run(*words: str, **settings: object) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        begun.append(subprocess.Popen([sys.executable, "-m", "fairlead", *words], **pipes))  # type: ignore[call-overload]  # passed on
        return begun[-1]

    yield run
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def on_terminal(start: Start) -> Callable[..., str]:
    """Run a command to its end on a terminal, and give what it shows there."""

    def run(*words: str) -> str:
        ours, theirs = os.openpty()
        process = start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:
            pass  # Linux says EIO when the other side has been closed
        finally:
            os.close(ours)
        process.wait(30)
        return shown.decode()

    return run
