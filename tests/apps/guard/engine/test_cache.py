"""What was built is kept: found again, never trusted when damaged, never in the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.apps.guard.small import rules

from fairlead.apps.guard.engine.cache import KEPT, default_folder, kept_or_built
from fairlead.apps.guard.engine.pack import Packed, key_of, packed


@pytest.fixture(scope="module")
def made() -> Packed:
    return packed(rules()[:3])


class Builder:
    """Counts how often something is built."""

    def __init__(self, made: Packed) -> None:
        self.made = made
        self.times = 0

    def __call__(self) -> Packed:
        self.times += 1
        return self.made


def test_what_was_built_is_found_again(tmp_path: Path, made: Packed) -> None:
    """The second time nothing is built, and nothing is lost."""
    build = Builder(made)

    assert kept_or_built(tmp_path, "k", build) == kept_or_built(tmp_path, "k", build) == made
    assert build.times == 1


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


@pytest.mark.parametrize("damage", [_cut, _flipped, lambda _: b"", lambda content: b"other" + content])
def test_a_damaged_file_is_built_anew(tmp_path: Path, made: Packed, damage: Callable[[bytes], bytes]) -> None:
    """Cut short, with one bit changed, empty or of another kind."""
    build = Builder(made)
    kept_or_built(tmp_path, "k", build)
    path = tmp_path / "k.pack"
    path.write_bytes(damage(path.read_bytes()))

    assert kept_or_built(tmp_path, "k", build) == made
    assert build.times == 2
    kept_or_built(tmp_path, "k", build)
    assert build.times == 2


def test_many_at_once_do_not_disturb_each_other(tmp_path: Path, made: Packed) -> None:
    """All of them get the whole, and one whole file is left."""
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: kept_or_built(tmp_path, "k", Builder(made)), range(16)))

    assert all(result == made for result in results)
    assert [path.name for path in tmp_path.iterdir()] == ["k.pack"]


def test_only_the_owner_can_read_what_is_kept(tmp_path: Path, made: Packed) -> None:
    """A file that others can write would be code of theirs in our process."""
    kept_or_built(tmp_path / "new", "k", Builder(made))

    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "k.pack").stat().st_mode & 0o077 == 0


def test_old_files_go(tmp_path: Path, made: Packed) -> None:
    """Rules that change every day do not fill a disk."""
    for number in range(KEPT + 3):
        kept_or_built(tmp_path, f"k{number}", Builder(made))

    assert len(list(tmp_path.iterdir())) == KEPT


def test_a_folder_that_cannot_be_written_is_said_and_no_error(
    tmp_path: Path, made: Packed, caplog: pytest.LogCaptureFixture
) -> None:
    """The guard works, it only starts slowly."""
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        assert kept_or_built(tmp_path / "file", "k", Builder(made)) == made

    assert "can't be kept in" in caplog.text


def test_the_name_of_what_is_kept_changes_with_every_rule_file() -> None:
    """And a text does not count for another when it only moves over a file's end."""
    keys = {
        key_of({"a": "1", "b": "2"}, {}),
        key_of({"a": "1", "b": "3"}, {}),
        key_of({"a": "1b", "b": "2"}, {}),
        key_of({"a": "1"}, {"b": "2"}),
        key_of({"a1": "", "b": "2"}, {}),
    }

    assert len(keys) == 5


def test_the_folder_is_where_the_user_wants_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The XDG Base Directory Specification; a relative path is to be ignored."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "fairlead" / "guard"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == Path("~/.cache").expanduser() / "fairlead" / "guard"
