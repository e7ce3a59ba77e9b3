"""Files are whole or not there, private, and locks end with their holder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead.kit.files import locked, private_folder, write_atomically


def test_a_file_is_written_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    """It may be a password."""
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "file", "content")
    finally:
        os.umask(before)

    assert (tmp_path / "file").read_text() == "content"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_file_can_be_written_for_others_to_read(tmp_path: Path) -> None:
    """The mode is said, and the umask has no say."""
    write_atomically(tmp_path / "file", b"\x00\xff", mode=0o644)

    assert (tmp_path / "file").read_bytes() == b"\x00\xff"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_a_reader_of_the_old_file_goes_on_reading_the_old_file(tmp_path: Path) -> None:
    """The new one is another file in its place."""
    path = tmp_path / "file"
    write_atomically(path, "old")
    with path.open() as reader:
        write_atomically(path, "new")
        assert reader.read() == "old"

    assert path.read_text() == "new"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk."""
    path = tmp_path / "file"
    write_atomically(path, "old")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")

    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """Made once; a second time changes nothing."""
    folder = private_folder(tmp_path / "state")
    folder.chmod(0o750)

    assert private_folder(folder).stat().st_mode & 0o777 == 0o750
    assert private_folder(tmp_path / "other").stat().st_mode & 0o777 == 0o700


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """The second is told at once, and gets it when the first lets go."""
    with locked(tmp_path / "lock") as first:
        assert first
        with locked(tmp_path / "lock") as second:
            assert not second

    with locked(tmp_path / "lock") as third:
        assert third


def test_a_lock_ends_with_its_holder_even_when_that_is_killed(tmp_path: Path) -> None:
    """Nothing is left stuck."""
    hold = (
        "import sys, pathlib, fairlead.kit.files as files\n"
        "with files.locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", hold, str(tmp_path / "lock")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with locked(tmp_path / "lock") as while_held:
            assert not while_held
        holder.kill()

    with locked(tmp_path / "lock") as afterwards:
        assert afterwards
