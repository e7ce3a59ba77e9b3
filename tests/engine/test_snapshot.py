"""Copies of a service's directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairlead.engine import snapshot
from fairlead.errors import ReleaseError, StateError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "inside").mkdir(parents=True)
    (folder / "main.py").write_text("print('hello')\n")
    (folder / "inside" / "data.txt").write_text("data\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("main.py")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref\n")
    return folder


def test_a_copy_holds_the_same_and_has_the_same_digest(source: Path, tmp_path: Path) -> None:
    """Files, modes and links; not what is always left out."""
    target = tmp_path / "copy"
    snapshot.copy(source, target)

    assert snapshot.digest(target) == snapshot.digest(source)
    assert os.access(target / "run.sh", os.X_OK)
    assert (target / "link").readlink() == Path("main.py")
    assert not (target / ".git").exists()


@pytest.mark.parametrize("change", ["content", "name", "mode", "link"])
def test_any_change_changes_the_digest(source: Path, change: str) -> None:
    """What would run differently is another version."""
    before = snapshot.digest(source)
    if change == "content":
        (source / "main.py").write_text("print('other')\n")
    elif change == "name":
        (source / "main.py").rename(source / "app.py")
    elif change == "mode":
        (source / "run.sh").chmod(0o644)
    else:
        (source / "link").unlink()
        (source / "link").symlink_to("run.sh")
    assert snapshot.digest(source) != before


def test_what_is_ignored_changes_nothing(source: Path) -> None:
    """By name and by path."""
    before = snapshot.digest(source, ["*.txt", "logs/*"])
    (source / "more.txt").write_text("more\n")
    (source / "inside" / "data.txt").write_text("other\n")
    assert snapshot.digest(source, ["*.txt", "logs/*"]) == before


def test_a_copy_that_was_cut_short_is_made_again(source: Path, tmp_path: Path) -> None:
    """A crash leaves a `.partial`, never half a version."""
    target = tmp_path / "copy"
    (tmp_path / "copy.partial").mkdir()
    (tmp_path / "copy.partial" / "rubbish").write_text("rubbish\n")
    snapshot.copy(source, target)

    assert not (target / "rubbish").exists()
    assert not (tmp_path / "copy.partial").exists()


def test_an_existing_copy_is_left_as_it_is(source: Path, tmp_path: Path) -> None:
    """Making the same version twice is harmless."""
    target = tmp_path / "copy"
    snapshot.copy(source, target)
    (source / "main.py").write_text("changed\n")
    snapshot.copy(source, target)
    assert (target / "main.py").read_text() == "print('hello')\n"


def test_a_tree_that_is_too_large_is_refused_with_a_way_out(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is copied."""
    monkeypatch.setattr(snapshot, "LARGEST_BYTES", 10)
    with pytest.raises(ReleaseError) as caught:
        snapshot.digest(source)
    assert "snapshot: false" in (caught.value.hint or "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_copy_that_can_not_be_written_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """A target whose parent is a file."""
    (tmp_path / "file").write_text("in the way\n")
    with pytest.raises(StateError, match="can't be copied"):
        snapshot.copy(source, tmp_path / "file" / "copy")
