"""The command line as a process: terminals, pipes, Ctrl-C, and what it costs to start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from .conftest import Start
from .facts import service, status, version
from .faking import FakeDaemon, Pause, event

HEAVY = ("pydantic", "starlette", "uvicorn", "httpx", "grpc", "ruamel", "sqlite3", "asyncio", "rich", "pyrage")
"""What takes longer to import than everything that `status` needs."""


@pytest.mark.parametrize("words", [["--help"], ["version"], ["status"], ["history"], ["logs"], ["up", "--help"]])
def test_commands_that_only_look_import_nothing_heavy(words: list[str], daemon: FakeDaemon) -> None:
    """They have to answer at once."""
    daemon.answer("/v1/status", status(service("notes", version("v1", 100))))
    daemon.answer("/v1/history", {"releases": []})
    daemon.stream("/v1/logs", [])
    code = f"""
import sys, fairlead.cli.main
try:
    fairlead.cli.main.main({words!r})
except SystemExit as ended:
    assert not ended.code, ended
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)

    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("command", "path", "what"),
    [
        (["deploy", "notes"], "/v1/deploy", "the release of notes"),
        (["rollback", "notes"], "/v1/rollback", "taking notes back"),
        (["up"], "/v1/up", "bringing the stack up"),
        (["restart"], "/v1/restart", "restarting every service"),
    ],
)
def test_ctrl_c_leaves_the_operation_to_the_daemon_and_says_so(
    command: list[str], path: str, what: str, daemon: FakeDaemon, start: Start
) -> None:
    """Exit code 130, and how to look at it."""
    pause = Pause()
    daemon.stream(path, [event("info", "starting v2"), pause, event("done")])
    process = start(*command)
    assert process.stderr is not None
    assert process.stderr.readline() == b"notes: starting v2\n"

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    pause.over.set()

    assert process.returncode == 130
    assert told.decode() == f"\nthe daemon goes on with {what}\nhint: `fairlead status --watch` shows how it does\n"


def test_ctrl_c_ends_following_without_a_word(daemon: FakeDaemon, start: Start) -> None:
    """It is the way to end it."""
    pause = Pause()
    line = {"at": 1.0, "service": "notes", "version": "v1", "instance": "notes-v1-1", "stream": "out", "text": "hello"}
    daemon.stream("/v1/logs", [line, pause])
    process = start("logs", "--follow")
    assert process.stdout is not None
    assert process.stdout.readline() == b"notes v1.1 | hello\n"

    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=30)
    pause.over.set()

    assert (process.returncode, out, told.strip()) == (130, b"", b"")


def test_a_reader_that_leaves_is_no_error(daemon: FakeDaemon, start: Start) -> None:
    """`fairlead logs | head -1`."""
    line = {
        "at": 1.0,
        "service": "notes",
        "version": "v1",
        "instance": "notes-v1-1",
        "stream": "out",
        "text": "x" * 1000,
    }
    daemon.stream("/v1/logs", [line] * 2000)
    process = start("logs")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None

    _, told = process.communicate(timeout=30)

    assert told == b""
    assert process.returncode != 0


def test_a_terminal_gets_colours(daemon: FakeDaemon, on_terminal: Callable[..., str]) -> None:
    """Sparing ones."""
    daemon.answer("/v1/status", status(service("notes", version("v1", 100))))

    assert "\x1b[32mready\x1b[0m" in on_terminal("status")


@pytest.mark.parametrize(("words", "variable"), [(["--no-color"], ""), ([], "1")])
def test_colours_can_be_refused(
    words: list[str],
    variable: str,
    daemon: FakeDaemon,
    on_terminal: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the option, or by NO_COLOR."""
    daemon.answer("/v1/status", status(service("notes", version("v1", 100))))
    monkeypatch.setenv("NO_COLOR", variable)

    for command in (["status"], ["deploy"]):
        assert "\x1b" not in on_terminal(*command, *words)


def test_a_pipe_gets_no_colours(daemon: FakeDaemon, start: Start) -> None:
    """Without being told."""
    daemon.answer("/v1/status", status(service("notes", version("v1", 100), state="failed", problem="x")))

    out, told = start("status").communicate(timeout=30)

    assert b"\x1b" not in out + told


def test_on_a_terminal_what_is_waited_for_is_a_line_that_goes_away(
    daemon: FakeDaemon, on_terminal: Callable[..., str]
) -> None:
    """Lines that stay are above it."""
    waiting = [event("progress", f"waiting for v2 ({n} s)") for n in range(3)]
    daemon.stream("/v1/deploy", [event("info", "starting v2"), *waiting, event("info", "v2 is ready"), event("done")])

    shown = on_terminal("deploy", "notes")

    assert "notes: waiting for v2 (2 s)" in shown
    assert "v2 is ready" in shown
    assert "\x1b[2K" in shown.rpartition("waiting")[2]


def test_exec_becomes_the_command_in_the_surroundings_of_the_service(daemon: FakeDaemon, start: Start) -> None:
    """Its environment and directory, our standard input; nothing of ours that it was not given."""
    os.environ["ONLY_OURS"] = "1"
    place = {
        "argv_prefix": ["env", "PREFIXED=yes"],
        "cwd": "/",
        "environment": {"CHAT_URL": "http://c", "PATH": os.environ["PATH"]},
    }
    daemon.answer("/v1/exec", place)

    process = start(
        "exec", "notes", "--", "sh", "-c", 'echo "$PREFIXED $CHAT_URL $PWD ${ONLY_OURS:-none}"; cat; exit 7'
    )
    out, told = process.communicate(b"typed\n", timeout=30)
    del os.environ["ONLY_OURS"]

    assert out.decode() == "yes http://c / none\ntyped\n"
    assert (process.returncode, told) == (7, b"")
    assert daemon.last.query == {"service": ["notes"]}


def test_exec_of_a_program_that_is_not_there_says_where_it_looked(daemon: FakeDaemon, start: Start) -> None:
    """The PATH is that of the service."""
    daemon.answer("/v1/exec", {"argv_prefix": [], "cwd": "/", "environment": {"PATH": "/nowhere"}})

    process = start("exec", "notes", "nonesuch", "--flag")
    _, told = process.communicate(timeout=30)

    assert process.returncode == 4
    assert told.decode().splitlines() == [
        "error: nonesuch: no such file or directory",
        "hint: looked in the directory and the PATH of notes: /nowhere",
    ]


def test_a_watch_as_json_is_an_object_a_line(daemon: FakeDaemon, start: Start) -> None:
    """Until Ctrl-C."""
    daemon.answer("/v1/status", status())
    process = start("status", "--watch", "--json")
    assert process.stdout is not None

    assert json.loads(process.stdout.readline()) == status()
    assert json.loads(process.stdout.readline()) == status()

    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130


def test_a_watch_on_a_terminal_is_drawn_in_one_place(daemon: FakeDaemon, start: Start) -> None:
    """Again and again from the corner; when the daemon goes, so does the watch, and says why."""
    daemon.answer("/v1/status", status())
    ours, theirs = os.openpty()
    process = start("status", "--watch", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while shown.count(b"\x1b[H\x1b[2J\x1b[1mshop") < 2:
        shown += os.read(ours, 65536)

    daemon.answer("/v1/status", {"text": "the state folder is gone", "data": {"code": 5}}, status=500)

    while b"error:" not in shown:
        shown += os.read(ours, 65536)
    os.close(ours)
    assert process.wait(30) in (5, -signal.SIGHUP)
