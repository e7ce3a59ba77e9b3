"""A made-up token, folders and repositories to look through, and a scan of them in this process."""

from __future__ import annotations

import random
import subprocess
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fairlead.apps.guard.scanning.limits import Limits
from fairlead.apps.guard.scanning.scan import Asked, Report, scan
from fairlead.apps.guard.scanning.worker import Setting

TODAY = date(2026, 11, 21)
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Scanned = Callable[..., Report]
Git = Callable[..., str]


def made_up(n: int = 0) -> str:
    """A GitHub token that GitHub never gave out, with the checksum that all of theirs have."""
    body = "".join(random.Random(n).choices(BASE62, k=30))
    rest, check = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = BASE62[digit] + check
    return "gh" + f"p_{body}{check.rjust(6, '0')}"


@pytest.fixture
def token() -> str:
    return made_up()


@pytest.fixture
def scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """Looks through the folder of the test, or what is named, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAIRLEAD_GUARD_KEY", raising=False)

    def run(*paths: str, limits: Limits | None = None, workers: int = 1, **asked: Any) -> Report:
        setting = Setting(limits=limits or Limits())
        return scan(Asked(paths or (".",), workers=workers, setting=setting, **asked), TODAY)

    return run


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository in the folder of the test."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def run(*words: str) -> str:
        said = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
        return subprocess.run(said, check=True, capture_output=True, text=True).stdout

    run("init", "-q", "-b", "main")
    return run


def places(report: Report) -> list[str]:
    """Where secrets were found, in order."""
    return [f"{each.found.place.path}:{each.found.line}:{each.found.column}" for each in report.findings]


def reasons(report: Report) -> list[str]:
    """What was not looked through, and why."""
    return [f"{each.path}: {each.reason}" for each in report.unscanned]
