"""What `up` would change."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engine import versions
from fairlead.engine.journal import Journal
from fairlead.engine.journal.fleet import FleetBook
from fairlead.engine.journal.records import Applied, Instance
from fairlead.engine.plan import plan

FILE = """
name: town
router: {{http: {port}}}
services:
  notes:
    directory: notes
    command: python3 notes.py
    scale: {scale}
    environment: {{GREETING: {greeting}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.py").write_text("print('hello')\n")
    write(tmp_path)
    return tmp_path


def write(folder: Path, *, greeting: str = "hello", scale: int = 1, port: int = 8080) -> None:
    (folder / "fairlead.yaml").write_text(FILE.format(greeting=greeting, scale=scale, port=port))


def lines(folder: Path) -> list[str]:
    return plan(folder / "fairlead.yaml", None, {}, folder / "journal.db").lines


def runs(folder: Path) -> None:
    """Bring the journal to where `up` would leave it."""
    from fairlead.stack.load import load

    file = folder / "fairlead.yaml"
    stack = load(file, environment=None, environ={})
    book = FleetBook(Journal(folder / "journal.db"))
    book.apply(Applied(file, None, stack))
    book.add_version(versions.make("notes", "v1", stack.services["notes"], folder, folder / "state", at=1.0))
    book.add_instances([Instance("notes-v1-1", "notes", "v1")])
    book.shift("notes", {"v1": 100.0})


def test_with_nothing_running_everything_would_be_started(folder: Path) -> None:
    """And no journal is made by looking."""
    assert lines(folder) == ["+ notes: start it"]
    assert not (folder / "journal.db").exists()


def test_what_runs_as_declared_needs_nothing(folder: Path) -> None:
    """`up` a second time."""
    runs(folder)
    assert lines(folder) == []


def test_a_changed_variable_is_a_release_and_says_which(folder: Path) -> None:
    """By the service's own strategy."""
    runs(folder)
    write(folder, greeting="bye")
    assert lines(folder) == [
        "~ notes: release a new version (blue-green)",
        "    ~ services.notes.environment.GREETING: hello -> bye",
    ]


def test_a_changed_file_is_a_release_too(folder: Path) -> None:
    """The stack file may be the same."""
    runs(folder)
    (folder / "notes" / "notes.py").write_text("print('bye')\n")
    assert lines(folder) == ["~ notes: release a new version (blue-green)", "    files in notes changed"]


def test_a_changed_scale_needs_no_release(folder: Path) -> None:
    """It is made true in place."""
    runs(folder)
    write(folder, scale=3)
    assert lines(folder)[0] == "~ notes: change in place"


def test_a_service_that_is_gone_would_be_stopped(folder: Path) -> None:
    """And one that is new started."""
    runs(folder)
    text = (folder / "fairlead.yaml").read_text()
    (folder / "fairlead.yaml").write_text(text.replace("  notes:", "  scribe:"))
    assert set(lines(folder)) == {"+ scribe: start it", "- notes: stop it"}


def test_changes_beside_services_are_told(folder: Path) -> None:
    """The entrance, say."""
    runs(folder)
    write(folder, port=9090)
    assert lines(folder) == ["~ router.http: 8080 -> 9090"]
