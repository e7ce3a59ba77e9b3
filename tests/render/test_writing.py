"""Rendered files in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.errors import StateError
from fairlead.render.target import File
from fairlead.render.writing import differences, write

FILES = [File("a.yaml", "a\n"), File("deep/run.sh", "#!/bin/sh\n", 0o755)]


def test_files_are_written_and_the_second_time_nothing_changes(tmp_path: Path) -> None:
    """With their modes."""
    assert write(FILES, tmp_path).added == ("a.yaml", "deep/run.sh")
    assert (tmp_path / "deep/run.sh").stat().st_mode & 0o777 == 0o755
    assert write(FILES, tmp_path).same == ("a.yaml", "deep/run.sh")


def test_a_file_that_is_no_longer_rendered_goes_with_its_empty_folder(tmp_path: Path) -> None:
    """What somebody else put there stays."""
    write(FILES, tmp_path)
    (tmp_path / "own.txt").write_text("mine")
    assert write(FILES[:1], tmp_path).removed == ("deep/run.sh",)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".fairlead-rendered", "a.yaml", "own.txt"]


def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path) -> None:
    """And nothing else is written either."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/run.sh").write_text("mine")
    with pytest.raises(StateError, match="not rendered by fairlead"):
        write(FILES, tmp_path)
    assert not (tmp_path / "a.yaml").exists()


def test_a_list_that_leads_out_of_the_folder_removes_nothing(tmp_path: Path) -> None:
    """Somebody may have changed it."""
    outside = tmp_path / "outside"
    outside.write_text("x")
    folder = tmp_path / "in"
    folder.mkdir()
    write(FILES, folder)
    (folder / ".fairlead-rendered").write_text("../outside\n")
    with pytest.raises(StateError):
        write([File("a.yaml", "other\n")], folder)
    assert outside.exists()


def test_differences_name_both_sides(tmp_path: Path) -> None:
    """As a unified diff; none when they are the same."""
    write(FILES, tmp_path)
    assert list(differences(FILES, tmp_path)) == []
    lines = "".join(differences([File("a.yaml", "b\n")], tmp_path))
    assert "-a\n" in lines
    assert "+b\n" in lines
    assert "/dev/null" in lines
