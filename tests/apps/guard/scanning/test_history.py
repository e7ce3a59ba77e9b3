"""What a repository holds beside its work tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.apps.guard.scanning.hook import install
from fairlead.apps.guard.scanning.repository import NoRepository
from fairlead.errors import Conflict

from .conftest import Git, Scanned, made_up, places


def test_a_secret_that_was_taken_out_is_found_with_the_commit_that_brought_it(
    git: Git, token: str, tmp_path: Path, scanned: Scanned
) -> None:
    """Once, however many versions of the file hold it."""
    for n in range(3):
        (tmp_path / "a").write_text(f"{token}\n{n}\n")
        git("add", "a")
        git("commit", "-qm", str(n))
    (tmp_path / "a").write_text("nothing\n")
    git("commit", "-qam", "gone")

    assert scanned().findings == []
    (telling,) = scanned(history=True).findings
    assert telling.found.place.commit == git("rev-list", "--max-parents=0", "HEAD").strip()
    assert telling.times == 3


def test_branches_merges_and_messages_belong_to_the_history(git: Git, tmp_path: Path, scanned: Scanned) -> None:
    """Also what a merge alone brought, and files with strange names."""
    git("commit", "-q", "--allow-empty", "-m", "first")
    git("checkout", "-q", "-b", "side")
    (tmp_path / ":odd\nname").write_text(made_up(1))
    git("add", ".")
    git("commit", "-qm", f"with {made_up(2)}")
    git("checkout", "-q", "main")
    git("commit", "-q", "--allow-empty", "-m", "other")
    git("merge", "-q", "--no-commit", "side")
    (tmp_path / "evil").write_text(made_up(3))
    git("add", ".")
    git("commit", "-qm", "merged")

    assert places(scanned(history=True)) == ["<message>:1:6", ":odd\nname:1:1", "evil:1:1"]


def test_a_range_shows_what_it_brought(git: Git, tmp_path: Path, scanned: Scanned) -> None:
    """Not what its files held before."""
    (tmp_path / "a").write_text(f"{made_up(1)}\n")
    git("add", ".")
    git("commit", "-qm", "old")
    (tmp_path / "a").write_text(f"{made_up(1)}\n{made_up(2)}\n")
    git("commit", "-qam", "new")

    assert places(scanned(history=True, commits="HEAD~1..")) == ["a:2:1"]


@pytest.mark.parametrize("commits", ["nothing..", "--output=made"])
def test_a_range_that_is_none_is_an_error(commits: str, git: Git, tmp_path: Path, scanned: Scanned) -> None:
    """And never an option."""
    git("commit", "-q", "--allow-empty", "-m", "first")

    with pytest.raises(NoRepository):
        scanned(history=True, commits=commits)
    assert not (tmp_path / "made").exists()


def test_without_a_repository_there_is_no_history(scanned: Scanned) -> None:
    """Which is said, and not taken for an empty one."""
    with pytest.raises(NoRepository, match="not a git repository"):
        scanned(history=True)


def test_of_what_is_staged_only_the_new_is_shown(git: Git, tmp_path: Path, scanned: Scanned) -> None:
    """As it is staged, not as it is on the disk; before the first commit too."""
    (tmp_path / "a").write_text(made_up(1))
    git("add", "a")
    assert places(scanned(staged=True)) == ["a:1:1"]
    git("commit", "-qm", "first")
    (tmp_path / "a").write_text(f"{made_up(1)}\n{made_up(2)}\n")
    git("add", "a")
    (tmp_path / "a").write_text("")

    assert places(scanned(staged=True)) == ["a:2:1"]


def test_the_hook_is_written_once_more_but_not_over_another_one(git: Git, tmp_path: Path) -> None:
    """Where the repository's settings say."""
    git("config", "core.hooksPath", "hooks")
    path = install(str(tmp_path), "fairlead")
    assert install(str(tmp_path), "fairlead", "a file") == path == tmp_path / "hooks" / "pre-commit"
    assert path.read_text().endswith("exec fairlead guard scan --staged --baseline 'a file'\n")
    assert path.stat().st_mode & 0o111
    path.write_text("#!/bin/sh\ntrue\n")
    with pytest.raises(Conflict):
        install(str(tmp_path), "fairlead")
