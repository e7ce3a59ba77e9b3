"""The client: what the daemon says comes back as it was meant, and its silence is told in words."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from fairlead.daemon.client import Client, error_from
from fairlead.daemon.paths import StatePaths
from fairlead.daemon.starting import ensure_daemon
from fairlead.engine.lock import OwnerLock
from fairlead.errors import (
    Conflict,
    DaemonUnreachable,
    FairleadError,
    MissingError,
    ReleaseError,
    RouterError,
    RuntimeFailure,
    StackError,
    StateError,
    UsageError,
)

from .faking import FakeDaemon, event

KINDS: list[type[FairleadError]] = [
    UsageError, MissingError, StateError, DaemonUnreachable, RuntimeFailure, RouterError, ReleaseError, Conflict
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_back_as_the_class_it_was_raised_as(kind: type[FairleadError]) -> None:
    """By its exit code."""
    found = error_from({"text": "what is wrong", "hint": "how to mend it", "data": {"code": kind.exit_code}})

    assert (type(found), found.message, found.hint) == (kind, "what is wrong", "how to mend it")


def test_an_error_of_a_kind_that_is_not_known_keeps_its_exit_code() -> None:
    """A newer daemon may have kinds that this client has not."""
    assert error_from({"text": "new", "data": {"code": 42}}).exit_code == 42


def test_every_problem_of_a_stack_file_comes_back() -> None:
    """With file, line, key and hint."""
    problem = {"file": "f.yaml", "line": 3, "path": "services.a", "message": "unknown key", "hint": "did you mean `b`?"}

    found = error_from(
        {"text": "…", "data": {"code": 3, "problems": [problem, {"file": "f.yaml", "message": "no name"}]}}
    )

    assert isinstance(found, StackError)
    assert list(map(str, found.problems)) == ["f.yaml:3: services.a: unknown key", "f.yaml: no name"]
    assert found.problems[0].hint == "did you mean `b`?"


def test_a_plain_error_is_raised(daemon: FakeDaemon, paths: StatePaths) -> None:
    """Status 409 with an error object."""
    daemon.answer("/v1/history", {"text": "under way", "hint": "wait", "data": {"code": 10}}, status=409)

    with pytest.raises(Conflict, match="under way"):
        Client(paths).call("GET", "/v1/history")


def test_an_answer_that_is_no_error_object_is_told_by_its_status(daemon: FakeDaemon, paths: StatePaths) -> None:
    """Something else may listen there."""
    daemon.answer("/v1/status", {}, status=502)

    with pytest.raises(FairleadError, match="status 502"):
        Client(paths).call("GET", "/v1/status")


def test_events_end_with_done(daemon: FakeDaemon, paths: StatePaths) -> None:
    """What a confused daemon says after it is not heard."""
    daemon.stream("/v1/up", [event("info", "a"), event("done", result=1), event("info", "b")])

    assert [found["level"] for found in Client(paths).events("POST", "/v1/up", {})] == ["info", "done"]


def test_an_error_event_is_raised(daemon: FakeDaemon, paths: StatePaths) -> None:
    """After the events before it."""
    daemon.stream("/v1/up", [event("info", "a"), event("error", "it crashed", code=7)])

    with pytest.raises(RuntimeFailure, match="it crashed"):
        list(Client(paths).events("POST", "/v1/up", {}))


def test_a_daemon_that_ends_in_the_middle_is_told(daemon: FakeDaemon, paths: StatePaths) -> None:
    """Killed, or out of memory: neither done nor error came."""
    daemon.stream("/v1/up", [event("info", "a")])

    with pytest.raises(DaemonUnreachable, match="ended before it was done"):
        list(Client(paths).events("POST", "/v1/up", {}))


def test_no_daemon_is_told(paths: StatePaths) -> None:
    """With what starts one."""
    with pytest.raises(DaemonUnreachable, match="no daemon runs for this stack") as told:
        Client(paths).call("GET", "/v1/status")

    assert told.value.hint == "`fairlead up` starts it"


def test_a_daemon_that_hangs_up_is_told(paths: StatePaths) -> None:
    """It accepted, and closed without a word."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(paths.socket))
        listener.listen()
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        with pytest.raises(DaemonUnreachable, match="went away"):
            Client(paths).call("GET", "/v1/status")
        thread.join()


LISTENS_FOR_TWO_CALLS = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
for _ in range(2):
    listener.accept()[0].close()
"""


def test_a_daemon_is_started_and_waited_for(paths: StatePaths) -> None:
    """Until its socket answers."""
    said: list[str] = []
    client = ensure_daemon(paths, said.append, command=[sys.executable, "-c", LISTENS_FOR_TWO_CALLS, str(paths.socket)])

    assert client.alive()
    assert said[0] == "starting the daemon"


def test_a_daemon_that_does_not_start_says_why(paths: StatePaths) -> None:
    """The last lines of its log, and none of an earlier one."""
    paths.log.write_text("an older daemon's words\n")

    with pytest.raises(DaemonUnreachable) as told:
        ensure_daemon(paths, command=[sys.executable, "-c", "print('error: the disk is full'); raise SystemExit(5)"])

    assert told.value.message == "the daemon did not start\n  | error: the disk is full"
    assert told.value.hint == f"its whole log is {paths.log}"


def test_of_two_daemons_started_at_once_the_second_gives_way(paths: StatePaths) -> None:
    """The one that another command has started holds the lock and is waited for."""
    lock = OwnerLock(paths.lock)
    lock.take()
    heard = threading.Event()

    def other() -> None:
        heard.wait(30)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(paths.socket))
            listener.listen()
            listener.accept()[0].close()

    thread = threading.Thread(target=other)
    thread.start()
    client = ensure_daemon(paths, lambda text: heard.set(), command=[sys.executable, "-c", "raise SystemExit(5)"])
    thread.join()
    lock.free()

    assert client.paths == paths


def test_a_running_daemon_is_not_started_again(daemon: FakeDaemon, paths: StatePaths) -> None:
    """Nothing is said, and no process begun."""
    ensure_daemon(paths, pytest.fail, command=["/nonexistent"])

    assert daemon.asked == []
