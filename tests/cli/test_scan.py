"""`fairlead guard scan` as a person calls it: what it says, and how it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from .conftest import Fairlead

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def token() -> str:
    """A GitHub token that GitHub never gave out."""
    body = "Zq7Ldm2Kx9Wv4Tn8Bc" + "3Rj6Hf1Yp5Gs"
    rest, check = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = DIGITS[digit] + check
    return "gh" + f"p_{body}{check.rjust(6, '0')}"


def test_it_ends_with_1_when_there_are_secrets_and_with_11_when_it_could_not_look(
    token: str, folder: Path, fairlead: Fairlead
) -> None:
    """And says what: on standard error what is wrong with the scan, in the report all of it."""
    assert fairlead("guard", "scan").code == 0
    (folder / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    partly = fairlead("guard", "scan")
    assert partly.code == 11
    assert "not looked through: a.7z: 7z archives can't be opened" in partly.out
    assert partly.err.startswith("error: 1 content was not looked through\nhint: ")
    (folder / "b").write_text(token)
    found = fairlead("guard", "scan", ".")
    assert found.code == 1
    assert "b:1:1: GitHub personal access token: ghp_… (40 characters)" in found.out
    assert token[4:] not in found.out + found.err


def test_standard_input_is_looked_through(token: str, fairlead: Fairlead, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive too, which nobody has to write to a disk first."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"first\n{token}".encode())))

    found = fairlead("guard", "scan", "-", "--format", "json")
    assert found.code == 1
    assert [(each["path"], each["line"]) for each in json.loads(found.out)["findings"]] == [("<stdin>", 2)]


def test_a_baseline_is_written_and_passed(token: str, folder: Path, fairlead: Fairlead) -> None:
    """What is written is no reason to fail."""
    (folder / "a").write_text(token)
    written = fairlead("guard", "scan", "--write-baseline", "base")
    assert (written.code, written.err) == (0, "base: 1 secret\n")

    passed = fairlead("guard", "scan", "--baseline", "base", "--output", "report")
    assert (passed.code, passed.out) == (0, "")
    assert "not told: 1 in the baseline" in (folder / "report").read_text()


def test_the_hook_keeps_a_secret_from_being_committed(token: str, folder: Path, fairlead: Fairlead) -> None:
    """The same command as by hand; the folder of a repository may stand after `--git`."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "a").write_text(token)
    subprocess.run(["git", "-C", str(folder), "add", "a"], check=True)

    assert "pre-commit: written" in fairlead("guard", "install-hook").out
    assert "scan --staged" in (folder / ".git" / "hooks" / "pre-commit").read_text()
    assert fairlead("guard", "scan", "--staged").code == 1
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qnm", "in"], check=True
    )
    assert fairlead("guard", "scan", "--staged").code == 0
    assert fairlead("guard", "scan", "--git", str(folder)).code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--git", "--staged"], "--git and --staged are two scans"),
        (["--git", "main..", "-"], "a history is that of one repository"),
        (["--git"], "not a git repository"),
    ],
)
def test_what_makes_no_sense_is_said(words: list[str], said: str, folder: Path, fairlead: Fairlead) -> None:
    """As every usage error."""
    found = fairlead("guard", "scan", *words)
    assert found.code == 2
    assert said in found.err
