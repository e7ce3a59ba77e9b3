"""What is shown to a person, as text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click
import pytest

from fairlead.cli.output import words
from fairlead.cli.output.logs import LogLines
from fairlead.cli.output.progress import Plain
from fairlead.cli.output.releases import history_lines
from fairlead.cli.output.status import status_lines
from fairlead.cli.output.table import Cell, Column, fit

from .facts import NOW, release, service, status, version
from .faking import event


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are those of the machine; here it stands in Greenwich."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def plain(lines: list[str]) -> str:
    """Without colours."""
    return click.unstyle("\n".join(lines))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250 ms"),
        (3, "3s"),
        (200, "3m 20s"),
        (7200, "2h"),
        (90061, "1d 1h"),
        (86401, "1d"),
        (-5, "0s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    """Nobody needs the seconds of two days."""
    assert words.span(seconds) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(12, "12 B"), (2048, "2 Ki"), (64 * 2**20, "64 Mi"), (3 * 2**29, "1.5 Gi"), (2**35, "32 Gi")],
)
def test_a_size_is_rounded_to_what_a_person_reads(size_bytes: int, text: str) -> None:
    """Exact sizes are in the JSON."""
    assert words.size(size_bytes) == text


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (0.84, "0.8 ms"), (12.4, "12 ms"), (1520.0, "1.5 s")])
def test_a_latency_that_was_not_measured_is_a_dash(value: float | None, text: str) -> None:
    """Zero would be a claim."""
    assert words.milliseconds(value) == text


def test_what_a_program_writes_can_not_move_the_cursor() -> None:
    """A problem's last lines come from programs: a title, a clear screen or a bell in them is taken out."""
    assert words.clean("\x1b]0;title\x07\x1b[2Jred \x1b[31mline\x1b[0m\x07\r") == "red line"


def test_the_status_of_a_stack_is_a_table() -> None:
    """Services, versions, and how each is doing."""
    found = status(
        service(
            "notes",
            version("v2", 90, wanted=2, ready=2),
            version("v1", 10, errors=3, p95_ms=None),
            exposed=["http://127.0.0.1:8080/notes"],
        ),
        service("chat", version("v1", 100, ready=0), state="starting"),
    )

    assert (
        plain(status_lines(found, now=NOW, width=None))
        == """\
shop: daemon 99, 3m 20s, 48 Mi; envoy on http://127.0.0.1:8080

SERVICE  VERSION  SHARE  READY  STATE     REQUESTS  ERRORS    P95  RESTARTS  MEMORY  ADDRESS
notes    v2         90%  2/2    ready       12,345       0  12 ms         0   64 Mi  http://127.0.0.1:8080/notes
         v1         10%  1/1    ready       12,345       3      -         0   64 Mi
chat     v1        100%  0/1    starting    12,345       0  12 ms         0   64 Mi  http://127.0.0.1:20011"""
    )


def test_eighty_columns_are_enough_for_the_status() -> None:
    """Addresses move below; what matters least is left out, and says so."""
    found = status(
        service(
            "publishing-frontend", version("v1.2.3-rc1", 100), exposed=["http://127.0.0.1:8080/publishing/frontend"]
        )
    )

    lines = plain(status_lines(found, now=NOW, width=80)).splitlines()

    assert max(map(len, lines[2:])) <= 80
    assert "publishing-frontend  http://127.0.0.1:8080/publishing/frontend" in lines
    assert lines[-1] == "no room for restarts, memory: `fairlead status --json` has all"


def test_the_status_shows_releases_stores_problems_and_notes() -> None:
    """Below the table is what needs a person."""
    found = status(
        service(
            "notes",
            version("v2", 0, ready=0, warm_until=None),
            version("v1", 100, warm_until=None),
            state="crash-looping",
            problem="line 1\nImportError: no module named x",
            release=release(state="running", ended=None),
        ),
        stores=[
            {
                "name": "db",
                "kind": "postgres",
                "version": "16",
                "state": "ready",
                "address": "127.0.0.1:5",
                "problem": None,
            }
        ],
        notes=["services.notes.placement: one machine has one zone"],
        environment="production",
    )

    lines = plain(status_lines(found, now=NOW, width=100)).splitlines()

    assert lines[0].startswith("shop (production): ")
    assert lines[-10:] == [
        "release r12 of notes: v1 -> v2, blue-green, for 1m, by alice@host",
        "",
        "STORE  KIND         STATE  ADDRESS",
        "db     postgres 16  ready  127.0.0.1:5",
        "",
        "notes is crash-looping:",
        "  | line 1",
        "  | ImportError: no module named x",
        "",
        "note: services.notes.placement: one machine has one zone",
    ]


def test_a_version_that_is_kept_warm_says_for_how_long() -> None:
    """So that a person knows until when a rollback is one change."""
    found = status(service("notes", version("v2", 100), version("v1", 0, warm_until=NOW + 200)))

    assert "warm for 3m 20s" in plain(status_lines(found, now=NOW, width=None))


def test_a_stack_with_nothing_up_says_so() -> None:
    """An empty table would be a riddle."""
    found = status(stack=None, router={"name": "envoy", "alive": False, "pid": None, "entrances": []})

    assert plain(status_lines(found, now=NOW, width=80)) == "(nothing is up): daemon 99, 3m 20s, 48 Mi\n\nno services"


def test_a_router_that_is_down_is_in_the_first_line() -> None:
    """Nothing is reached then, however ready the services are."""
    found = status(service("notes", version("v1", 100)), router={"name": "envoy", "alive": False, "entrances": []})

    assert "envoy is down" in plain(status_lines(found, now=NOW, width=None)).splitlines()[0]


def test_columns_that_can_not_be_spared_are_kept_in_any_width() -> None:
    """Better a wrapped line than a table without names."""
    columns = (Column("NAME"), Column("SIZE", 1), Column("WHY", 2))

    fitted = fit(columns, [["a-long-name", Cell("12"), "because"]], 5)

    assert fitted.lines[1] == "a-long-name"
    assert fitted.left_out == ["size", "why"]


def test_history_is_a_table_newest_first() -> None:
    """Who, what, when, how it ended."""
    taken_back = release(id="r13", state="taken back", reason="v3 was not ready\nlast lines", who="bob@host")
    releases = [taken_back | {"began": NOW - 86400 * 3, "ended": NOW - 86400 * 3 + 4}, release(kind="rollback")]

    assert (
        plain(history_lines(releases, now=NOW, width=None))
        == """\
RELEASE  SERVICE  CHANGE    OUTCOME     WHEN              TOOK  STRATEGY               WHO         WHY
r13      notes    v1 -> v2  taken back  2023-11-11 22:13    4s  blue-green             bob@host    v3 was not ready
r12      notes    v1 -> v2  succeeded   22:12:20           12s  blue-green (rollback)  alice@host"""
    )


def test_lines_of_output_are_lined_up_by_whose_they_are() -> None:
    """Service, version and number of the instance; the bar moves right once, for the longest."""
    shown = LogLines()
    records = [
        {"at": NOW, "service": "notes", "version": "v2", "instance": "notes-v2-1", "stream": "out", "text": "one"},
        {
            "at": NOW,
            "service": "stories",
            "version": "v10",
            "instance": "stories-v10-2",
            "stream": "err",
            "text": "two",
        },
        {"at": NOW, "service": "notes", "version": "v2", "instance": "notes-v2-2", "stream": "out", "text": "three"},
    ]

    assert (
        plain([shown.line(record) for record in records])
        == """\
notes v2.1 | one
stories v10.2 | two
notes v2.2    | three"""
    )


def test_the_time_of_a_line_is_shown_on_request() -> None:
    """In the time zone of the machine."""
    record = {"at": NOW, "service": "a", "version": "v1", "instance": "a-v1-1", "stream": "out", "text": "x"}

    assert plain([LogLines(times=True).line(record)]) == "22:13:20 a v1.1 | x"


def test_a_heartbeat_that_says_nothing_new_is_a_line_every_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """In a file of a pipeline: never silent for more than two seconds, and no flood either."""
    now = 100.0
    shown = Plain(lambda: now)
    for _ in range(5):
        shown.event(event("progress", "waiting for v2"))
        now += 1.0
    shown.event(event("info", "v2 is ready"))

    assert capsys.readouterr().err.splitlines() == [
        "notes: waiting for v2",
        "notes: waiting for v2 (2s)",
        "notes: waiting for v2 (4s)",
        "notes: v2 is ready",
    ]


def test_warnings_and_output_of_hooks_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """The words of a hook are not ours."""
    shown = Plain()
    shown.event(event("warning", "no limit on memory"))
    shown.event(event("output", "migrating…"))
    shown.event(event("info", "ready", subject="stack"))

    assert capsys.readouterr().err.splitlines() == [
        "warning: notes: no limit on memory",
        "notes: | migrating…",
        "ready",
    ]
