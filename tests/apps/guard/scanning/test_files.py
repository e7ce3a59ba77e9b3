"""Files of a disk, the strange ones too: each is looked through, counted or told."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fairlead.apps.guard.findings import Finding
from fairlead.apps.guard.library import Library
from fairlead.apps.guard.scanning.limits import Limits
from fairlead.apps.guard.scanning.scan import Asked, scan
from fairlead.apps.guard.scanning.worker import Setting

from .conftest import TODAY, Git, Scanned, made_up, places, reasons


def test_of_a_repository_only_what_git_does_not_ignore_is_looked_through(
    git: Git, token: str, tmp_path: Path, scanned: Scanned
) -> None:
    """Tracked or not yet; with `--all` everything, git's own files too."""
    git("config", "remote.origin.url", f"https://me:{token}@example.org/a.git")
    (tmp_path / ".gitignore").write_text("build/\n")
    for name in ("tracked", "fresh", "build/made", "sub/inner"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(token)
    git("add", "tracked", "sub")

    assert places(scanned()) == ["fresh:1:1", "sub/inner:1:1", "tracked:1:1"]
    assert {"build/made:1:1", "fresh:1:1"} < set(places(scanned(everything=True)))
    assert [path.partition(":")[0] for path in places(scanned(everything=True))].count(".git/config") == 1


def test_a_repository_within_a_folder_is_asked_for_what_it_ignores(
    token: str, tmp_path: Path, scanned: Scanned, git: Git
) -> None:
    """So is one within a repository."""
    (tmp_path / ".gitignore").write_text("*.log\n")
    git("init", "-q", "inner")
    (tmp_path / "inner" / ".gitignore").write_text("*.env\n")
    for name in ("a.env", "a.py"):
        (tmp_path / "inner" / name).write_text(token)

    assert places(scanned()) == ["inner/a.py:1:1"]


def test_a_repository_can_not_make_git_run_a_program(git: Git, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Its configuration may name one for almost anything."""
    git("config", "core.fsmonitor", f"touch {tmp_path}/ran; false")
    (tmp_path / "a").write_text(token)

    assert places(scanned()) == ["a:1:1"]
    assert not (tmp_path / "ran").exists()


def test_links_pipes_and_sockets_are_counted(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Nothing waits for who never writes, and no loop is gone through."""
    (tmp_path / "a").write_text(token)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        report = scanned()

    assert places(report) == ["a:1:1"]
    assert report.skipped == {"symbolic links": 2, "sockets, pipes and devices": 2}
    assert report.unscanned == []


@pytest.mark.parametrize("name", ["pipe", "/dev/zero", "loop", "missing"])
def test_what_was_named_and_is_no_file_is_told(name: str, tmp_path: Path, scanned: Scanned) -> None:
    """Here it was asked for, so it is not only counted."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")

    assert len(scanned(name).unscanned) == 1


def test_a_link_that_was_named_is_followed(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """As every other program does it."""
    (tmp_path / "a").write_text(token)
    (tmp_path / "link").symlink_to("a")

    assert places(scanned("link")) == ["link:1:1"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path, scanned: Scanned) -> None:
    """A file and a folder."""
    (tmp_path / "file").touch(0)
    (tmp_path / "folder").mkdir(0)

    assert reasons(scanned()) == [f"{name}: it can't be read: permission denied" for name in ("folder", "file")]


def test_names_may_hold_any_byte(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Of a file, and of a folder."""
    folder = os.fsencode(tmp_path) + b"/new\nline\xff"
    path = Path(os.fsdecode(folder + b"/\xfe"))
    path.parent.mkdir()
    path.write_text(token)

    assert places(scanned()) == ["new\nline\udcff/\udcfe:1:1"]


@pytest.mark.parametrize("size", [0, 1 << 16, 1 << 21])
@pytest.mark.parametrize("change", [b"more", b""])
def test_a_file_that_changes_while_it_is_read_is_told(
    change: bytes, size: int, token: str, tmp_path: Path, scanned: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer or shorter; what was found in it is told as well."""
    text = token + "\nwords" * (size // 6)
    (tmp_path / "a").write_text(text)
    before = Library.scan_bytes

    def look(*given: Any) -> Sequence[Finding]:
        (tmp_path / "a").write_bytes(text.encode() + change if change else b"")
        return before(*given)

    monkeypatch.setattr(Library, "scan_bytes", look)
    report = scanned()
    assert places(report) == ["a:1:1"]
    assert [reason.replace("grew", "changed") for reason in reasons(report)] == ["a: it changed while it was read"]


def test_a_file_that_takes_too_long_or_holds_too_much_is_told(tmp_path: Path, scanned: Scanned) -> None:
    """By bounds that can be set."""
    (tmp_path / "a").write_text("".join(f"{made_up(n)}\n" for n in range(20)))

    slow = scanned(limits=Limits(time_s=-1.0, time_per_mib_s=0.0))
    assert reasons(slow) == ["a: it took too long: not looked through to its end"]
    full = scanned(limits=Limits(findings=5))
    assert len(full.findings) == 5
    assert reasons(full) == ["a: it has more than 5 findings: not looked through to its end"]
    assert reasons(scanned(limits=Limits(file_bytes=100))) == ["a: it is larger than 0 GiB"]


def test_workers_find_what_one_process_finds(tmp_path: Path, scanned: Scanned) -> None:
    """In the same order."""
    for n in range(600):
        (tmp_path / f"{n:03}").write_text(made_up(n) if n % 50 == 0 else "words")

    assert places(scanned(workers=2)) == places(scanned()) == [f"{n:03}:1:1" for n in range(0, 600, 50)]


def test_a_worker_that_dies_is_told_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that it had are not taken for clean."""
    for n in range(300):
        (tmp_path / f"{n:03}").write_text("words")
    monkeypatch.chdir(tmp_path)
    asked = Asked((".",), workers=2, setting=Setting(rules=(tmp_path / "missing.toml",)))

    report = scan(asked, TODAY)
    assert report.files == 0
    assert len(report.unscanned) == 300
