"""What the watchdog does with the files of a lease, looked at one look at a time."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fairlead.engine.routers import watchdog
from fairlead.engine.routers.lease_files import LeaseFiles

WITH_V2, ALL_V1, OTHER = '{"shares": "v1, v2"}', {"shares": "v1"}, {"shares": "v0"}


@pytest.fixture
def files(tmp_path: Path) -> LeaseFiles:
    """A router that serves v2 too, under no lease yet."""
    (tmp_path / "rds").mkdir()
    _shift(tmp_path)
    return LeaseFiles(tmp_path)


def _shift(folder: Path) -> None:
    """As the engine does it: by a rename."""
    (folder / "rds" / ".new").write_text(WITH_V2)
    (folder / "rds" / ".new").replace(folder / "rds" / "notes.json")


def _served(files: LeaseFiles) -> str:
    return (files.router / "rds" / "notes.json").read_text()


def _look(files: LeaseFiles) -> float | None:
    return watchdog.look(str(files.router))


def _take(files: LeaseFiles, seconds: float, name: str = "a", fallback: dict[str, str] = ALL_V1) -> None:
    files.prepare(name, seconds, {"rds/notes.json": fallback})
    files.install(name)


def test_nothing_is_due_without_a_lease(files: LeaseFiles) -> None:
    """It waits until a file changes."""
    assert _look(files) is None
    assert not files.any


def test_a_lease_that_holds_is_acknowledged_and_left_alone(files: LeaseFiles) -> None:
    """And looked at again when it ends."""
    _take(files, 60)
    assert not files.watched("a")
    assert 59 < (_look(files) or 0) <= 60
    assert files.watched("a")
    assert files.current == "a"
    assert _served(files) == WITH_V2


def test_when_a_lease_has_lapsed_its_fallback_is_put_in_place(files: LeaseFiles) -> None:
    """And nobody can prolong it any more."""
    _take(files, 0)
    assert _look(files) is None
    assert "v2" not in _served(files)
    assert files.current is None
    assert not files.prolong("a", 60)


def test_the_fallback_is_put_in_place_again_as_often_as_somebody_replaces_it(files: LeaseFiles) -> None:
    """Each time, until a lease is taken."""
    _take(files, 0)
    for _ in range(3):
        _look(files)
        assert "v2" not in _served(files)
        _shift(files.router)
    _take(files, 60, "b")
    _look(files)
    assert _served(files) == WITH_V2


def test_a_prolonged_lease_holds_from_then_on(files: LeaseFiles) -> None:
    """By its new end."""
    _take(files, 5)
    assert files.prolong("a", 60)
    assert (_look(files) or 0) > 59


def test_a_lease_can_not_be_prolonged_after_its_end(files: LeaseFiles) -> None:
    """Even though the watchdog has not looked yet, and sees the new end only."""
    _take(files, 0)
    assert not files.prolong("a", 60)


def test_only_the_lease_that_holds_can_be_prolonged(files: LeaseFiles) -> None:
    """One that another has taken the place of is over."""
    _take(files, 60)
    _take(files, 60, "b")
    assert not files.prolong("a", 60)
    assert files.prolong("b", 60)


def test_a_lease_of_an_earlier_boot_has_lapsed(files: LeaseFiles) -> None:
    """Its end was told by a clock that has begun anew."""
    _take(files, 60)
    held = files.folder / watchdog.CURRENT
    content = held.read_bytes()
    held.write_bytes(content[:8] + b"00000000" + content[16:])
    assert _look(files) is None
    assert "v2" not in _served(files)


def test_a_lease_that_is_withdrawn_gives_way_to_the_one_before(files: LeaseFiles) -> None:
    """With what that one falls back to."""
    _take(files, 60)
    _take(files, 60, "b", OTHER)
    files.withdraw("b", "a")
    assert files.current == "a"
    files.end()
    assert "v1" in _served(files)


def test_a_lapsed_lease_goes_on_when_the_next_one_is_withdrawn(files: LeaseFiles) -> None:
    """The fallback stands."""
    _take(files, 0)
    _look(files)
    _take(files, 60, "b", OTHER)
    files.withdraw("b", None)
    _shift(files.router)
    _look(files)
    assert "v1" in _served(files)
    assert "v2" not in _served(files)


def test_a_watchdog_that_was_killed_half_way_is_no_obstacle(files: LeaseFiles) -> None:
    """What it left may be the fallback of another lease."""
    (files.router / "rds" / ".notes.json.lease").write_text(WITH_V2)
    _take(files, 0)
    _look(files)
    assert "v2" not in _served(files)


def test_a_file_that_can_not_be_moved_is_tried_again(
    files: LeaseFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A little later; it says why."""
    _take(files, 0)

    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "link", refuse)
        assert watchdog._looked(str(files.router)) == watchdog._RETRY_S
    assert "Input/output error" in capsys.readouterr().err
    watchdog._looked(str(files.router))
    assert "v2" not in _served(files)
