"""Each command: what it asks of the daemon, what it prints, and what it ends with."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import click
import pytest

from fairlead.cli import asking
from fairlead.daemon.paths import StatePaths
from fairlead.engine.lock import OwnerLock

from .conftest import Fairlead
from .facts import release, service, status, version
from .faking import FakeDaemon, Pause, event

ADDRESSES = [
    {"service": "notes", "port": None, "url": "http://127.0.0.1:8080/notes", "exposed": True},
    {"service": "notes", "port": None, "url": "http://127.0.0.1:20011", "exposed": False},
    {"service": "db-proxy", "port": None, "url": "127.0.0.1:20012", "exposed": False},
]


def test_up_ends_with_where_everything_is_and_what_to_do_next(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Of a service that is reached from outside, the address from outside."""
    daemon.stream("/v1/up", [event("info", "v1 is ready"), event("done", addresses=ADDRESSES, changed=["notes"])])

    found = fairlead("up", "notes", "--profile", "extra")

    assert found.code == 0
    assert found.err == "notes: v1 is ready\n"
    assert (
        found.out
        == """\
the stack is up

  notes     http://127.0.0.1:8080/notes
  db-proxy  127.0.0.1:20012  (this machine only)

try it:                curl -N http://127.0.0.1:8080/notes
release a new version: change db-proxy, then `fairlead deploy db-proxy`
"""
    )
    body = daemon.last.body
    assert (body["services"], body["profiles"], body["environment"]) == (["notes"], ["extra"], None)
    assert body["file"].endswith("/fairlead.yaml")
    assert "@" in body["who"]


def test_up_a_second_time_says_that_nothing_had_to_change(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """And not that it did anything."""
    daemon.stream("/v1/up", [event("done", addresses=[], changed=[])])

    assert fairlead("up").out == "the stack is up: nothing had to change\n"


def test_what_comes_next_names_the_file_that_was_named(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """So that it can be typed as it stands; the global options may come after the command."""
    daemon.stream("/v1/up", [event("done", addresses=ADDRESSES[:1], changed=["notes"])])

    found = fairlead("up", "--file", "fairlead.yaml", "--env", "production")

    assert "`fairlead -f fairlead.yaml --env production deploy notes`" in found.out
    assert daemon.last.body["environment"] == "production"


def test_up_can_be_left_to_the_daemon(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """At its first sign."""
    daemon.stream("/v1/up", [event("info", "starting"), event("info", "never shown"), event("done")])

    found = fairlead("up", "--detach")

    assert found.code == 0
    assert found.err.splitlines() == [
        "notes: starting",
        "",
        "the daemon goes on with bringing the stack up",
        "hint: `fairlead status --watch` shows how it does",
    ]


def test_the_problems_of_a_stack_file_are_told_one_a_line_with_their_hints(
    daemon: FakeDaemon, fairlead: Fairlead
) -> None:
    """All at once; exit code 3."""
    problems = [
        {"file": "fairlead.yaml", "line": 14, "path": "a.max", "message": "should be at least 3, got 2", "hint": None},
        {"file": "fairlead.yaml", "line": 21, "path": "b", "message": "unknown key", "hint": "did you mean `c`?"},
    ]
    daemon.stream("/v1/up", [event("error", "…", code=3, problems=problems)])

    found = fairlead("up")

    assert (found.code, found.out) == (3, "")
    assert found.err.splitlines() == [
        "error: fairlead.yaml:14: a.max: should be at least 3, got 2",
        "error: fairlead.yaml:21: b: unknown key",
        "hint: did you mean `c`?",
    ]


def test_a_failed_release_ends_with_its_exit_code_and_hint(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """As the daemon says it."""
    failed = event("error", "notes: v2 was taken back: it did not become ready", code=9) | {
        "hint": "`fairlead logs notes`"
    }
    daemon.stream("/v1/deploy", [event("info", "starting v2"), failed])

    found = fairlead("deploy", "notes")

    assert found.code == 9
    assert found.err.splitlines()[-2:] == [
        "error: notes: v2 was taken back: it did not become ready",
        "hint: `fairlead logs notes`",
    ]


def test_deploy_asks_for_what_was_set_and_ends_with_the_way_back(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Keys and values go as text; the daemon reads them."""
    daemon.stream("/v1/deploy", [event("done", **release())])

    found = fairlead(
        "deploy", "notes", "--version", "v2", "--set", "environment.A=b=c", "--set", "scale=3", "--strategy", "rolling"
    )

    assert found.out == "notes: v1 -> v2 succeeded in 12s (r12)\nto go back: `fairlead rollback notes`\n"
    body = daemon.last.body
    assert body["set"] == {"environment.A": "b=c", "scale": "3"}
    assert (body["version"], body["strategy"], body["dry_run"]) == ("v2", "rolling", False)


def test_a_dry_run_lists_changes_and_steps(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """In their order, with numbers."""
    daemon.stream("/v1/deploy", [event("done", changes=["scale: 1 -> 2"], steps=["start v2 (2 instances)", "stop v1"])])

    found = fairlead("deploy", "notes", "--dry-run")

    assert found.out == "scale: 1 -> 2\n  1. start v2 (2 instances)\n  2. stop v1\n"
    assert daemon.last.body["dry_run"] is True


def test_rollback_goes_where_it_is_told(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """A release or a version; the one before when it is told nothing."""
    daemon.stream("/v1/rollback", [event("done", **release(to="v1", **{"from": "v2"}))])

    found = fairlead("rollback", "notes", "--to", "r3")

    assert found.out.startswith("notes: v2 -> v1 succeeded")
    assert (daemon.last.body["service"], daemon.last.body["to"]) == ("notes", "r3")


def test_restart_without_a_name_means_every_service(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """And says so."""
    daemon.stream("/v1/restart", [event("done")])

    assert fairlead("restart").out == "restarted every service\n"
    assert daemon.last.body == {"services": []}


def test_scale_takes_several_services(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """One call each."""
    daemon.stream("/v1/scale", [event("done")])

    assert fairlead("scale", "notes=3", "chat=1").out == "notes has 3 instances\nchat has 1 instance\n"
    assert [asked.body for asked in daemon.asked] == [{"service": "notes", "count": 3}, {"service": "chat", "count": 1}]


def test_a_count_that_is_none_changes_nothing(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Not even for the services before it."""
    found = fairlead("scale", "notes=3", "chat=many")

    assert (found.code, daemon.asked) == (2, [])
    assert found.err == "error: chat=many: expected SERVICE=N\nhint: for example `fairlead scale hub=3`\n"


def test_down_keeps_data(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Unless told otherwise."""
    daemon.stream("/v1/down", [event("done", ended=True)])

    assert fairlead("down").out == "the stack is down\n"
    assert daemon.last.body == {"services": [], "data": False}


def test_data_is_not_deleted_when_nobody_can_be_asked(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """A script has to say --yes."""
    refused = fairlead("down", "--data")

    assert (refused.code, daemon.asked) == (2, [])
    assert refused.err.splitlines()[1] == "hint: add --yes to mean it"

    daemon.stream("/v1/down", [event("done", ended=True)])
    assert fairlead("down", "notes", "--data", "--yes").code == 0
    assert daemon.last.body == {"services": ["notes"], "data": True}


def test_down_starts_no_daemon_for_a_stack_that_was_never_up(folder: Path, fairlead: Fairlead) -> None:
    """There is nothing to stop."""
    assert fairlead("down").out == "nothing runs: this stack has not been up\n"


def test_status_is_a_table_or_what_the_daemon_says_as_json(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """The JSON is whole."""
    told = status(service("notes", version("v1", 100)))
    daemon.answer("/v1/status", told)

    assert json.loads(fairlead("status", "--json").out) == told
    assert "notes    v1        100%  1/1    ready" in fairlead("status").out


def test_status_fits_the_terminal_it_is_told(
    daemon: FakeDaemon, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By COLUMNS where there is no terminal to ask."""
    monkeypatch.setenv("COLUMNS", "80")
    daemon.answer(
        "/v1/status", status(service("a-service-with-a-name", version("v1", 100)), service("b", version("v1", 100)))
    )

    table = fairlead("status").out.splitlines()[2:]

    assert max(map(len, table)) <= 80


def test_status_without_a_daemon_says_so_and_starts_none(folder: Path, fairlead: Fairlead) -> None:
    """Exit code 6."""
    found = fairlead("status")

    assert (found.code, found.out) == (6, "")
    assert found.err == "error: no daemon runs for this stack\nhint: `fairlead up` starts it\n"


def test_status_without_a_daemon_tells_what_was_left_running(paths: StatePaths, fairlead: Fairlead) -> None:
    """After a kill of the daemon services go on; this process stands in for one."""
    from fairlead.kit import proc

    left = paths.state / "instances" / "notes-v1-1"
    left.mkdir(parents=True)
    (left / "status.json").write_text(json.dumps({"pid": os.getpid(), "start": proc.birth(os.getpid())}))

    found = fairlead("status")

    assert found.err.splitlines()[0] == "error: no daemon runs for this stack; left running: notes-v1-1"


def test_logs_are_put_together_by_time(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Whoever sent them first."""
    line = {"service": "notes", "version": "v1", "instance": "notes-v1-1", "stream": "out"}
    daemon.stream("/v1/logs", [line | {"at": 2.0, "text": "second"}, line | {"at": 1.0, "text": "first"}])

    found = fairlead("logs", "notes", "chat")

    assert found.out == "notes v1.1 | first\nnotes v1.1 | second\n"
    assert daemon.last.query == {"service": ["notes", "chat"], "tail": ["100"]}


def test_logs_since_a_time_are_all_of_them(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """No tail, unless one is asked for."""
    daemon.stream("/v1/logs", [])
    before = time.time()

    fairlead("logs", "--since", "10m", "-f")

    assert daemon.last.query.keys() == {"since", "follow"}
    assert before - 601 < float(daemon.last.query["since"][0]) < time.time() - 599


def test_logs_as_json_are_an_object_a_line(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """For other programs."""
    line = {"at": 1.0, "service": "notes", "version": "v1", "instance": "notes-v1-1", "stream": "out", "text": "é"}
    daemon.stream("/v1/logs", [line, line])

    assert [json.loads(text) for text in fairlead("logs", "--json").out.splitlines()] == [line, line]


def test_a_time_without_a_unit_is_refused(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Ten what?"""
    found = fairlead("logs", "--since", "10")

    assert found.code == 2
    assert found.err.startswith("error: --since 10: expected a duration with a unit")


def test_history_is_a_table_or_json(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """With the limit that was asked for."""
    daemon.answer("/v1/history", {"releases": [release()]})

    assert (
        fairlead("history", "notes", "--limit", "5")
        .out.splitlines()[1]
        .startswith("r12      notes    v1 -> v2  succeeded")
    )
    assert daemon.last.query == {"limit": ["5"], "service": ["notes"]}
    assert json.loads(fairlead("history", "--json").out) == {"releases": [release()]}


def test_no_releases_yet_is_a_sentence(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Not a table with nothing in it."""
    daemon.answer("/v1/history", {"releases": []})

    assert fairlead("history").out == "no releases yet\n"


def test_daemon_status_tells_who_it_is(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """Process, version, age, memory, socket."""
    daemon.answer("/v1/status", status())

    assert fairlead("daemon", "status").out.startswith("process 99, version 1.0, for ")


def test_daemon_stop_leaves_services_running(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """And says so."""
    daemon.answer("/v1/shutdown", {})

    assert fairlead("daemon", "stop").out == "the daemon has ended; services go on running\n"
    assert daemon.last.method == "POST"


def test_daemon_log_shows_its_last_lines(paths: StatePaths, fairlead: Fairlead) -> None:
    """Whether it runs or not."""
    paths.log.write_text("one\ntwo\nthree\n")

    assert fairlead("daemon", "log", "--tail", "2").out == "two\nthree\n"


def test_daemon_start_says_when_one_runs(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """It is not an error."""
    assert fairlead("daemon", "start").out == "the daemon runs already\n"


def test_an_operation_that_is_refused_names_the_service_that_was_meant(daemon: FakeDaemon, fairlead: Fairlead) -> None:
    """A plain error instead of events."""
    told = {"text": "unknown service: nots", "hint": "did you mean `notes`?", "data": {"code": 2}}
    daemon.answer("/v1/deploy", told, status=400)

    found = fairlead("deploy", "nots")

    assert (found.code, found.err) == (2, "error: unknown service: nots\nhint: did you mean `notes`?\n")


def test_a_daemon_that_holds_the_stack_and_does_not_answer_is_named(paths: StatePaths, fairlead: Fairlead) -> None:
    """It may be busy starting, or hang; its log says which."""
    lock = OwnerLock(paths.lock)
    lock.take()

    found = fairlead("history")
    lock.free()

    assert found.code == 6
    assert found.err.splitlines() == [
        f"error: the daemon (process {os.getpid()}) runs but does not answer",
        f"hint: what it does is in {paths.log}",
    ]


def test_somebody_who_waits_for_an_answer_is_told_so(
    daemon: FakeDaemon, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is silent for more than two seconds; here they pass at once."""
    pause = Pause()
    told = threading.Event()
    monkeypatch.setattr(asking, "SAY_EVERY_S", 0.001)

    def hear(*words: object, **settings: object) -> None:
        told.set()
        pause.over.set()

    monkeypatch.setattr(click, "echo", hear)
    daemon.stream("/v1/history", [pause, {"releases": []}])

    fairlead("history")

    assert told.is_set()
