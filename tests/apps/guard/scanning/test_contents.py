"""One content: encodings, texts within texts, and windows that cut nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from fairlead.apps.guard.library import loaded
from fairlead.apps.guard.scanning import windows
from fairlead.apps.guard.scanning.encoded import runs
from fairlead.apps.guard.scanning.showing import redacted, shown_path

from .conftest import Scanned, made_up, places


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_a_secret_is_found_in_every_encoding(encoding: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Lines and columns count characters, not bytes."""
    (tmp_path / "notes").write_bytes(f"ein Schlüssel\nschön: {token}\nund mehr\n".encode(encoding))

    assert places(scanned()) == ["notes:2:8"]


def test_equal_values_have_one_fingerprint_whatever_their_encoding(tmp_path: Path, scanned: Scanned) -> None:
    """A password with an umlaut is the same in Latin-1 and in UTF-8."""
    url = "url = postgres://app:" + "Grün9kX4übPq7w" + "@db.internal.corp:5432/app\n"
    (tmp_path / "a").write_text(url, "utf-8")
    (tmp_path / "b").write_text(url, "latin-1")

    found = scanned().findings
    assert len(found) == 2
    assert len({each.fingerprint for each in found}) == 1


def test_binary_files_are_counted(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """What holds zeros is no text."""
    (tmp_path / "picture").write_bytes(b"\x89PNG\0\1\2" + token.encode())

    report = scanned()
    assert (report.findings, report.skipped) == ([], {"binary files": 1})


ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: encoded(f"user: me\ntoken: {text}\n"),
    "hex": lambda text: f"token: {text}\n".encode().hex(),
    "url": lambda text: f"https://example.org/?next={quote('t=' + text[:2])}%{ord(text[2]):x}{text[3:]}",
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_encoded_texts_are_looked_into(name: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """It is told how, and where the encoded text stands."""
    (tmp_path / "a.yaml").write_text(f"data:\n  key: {ENCODINGS[name](token)}\n")

    (telling,) = scanned().findings
    assert telling.found.through == (name,)
    assert (telling.found.line, telling.found.column) == (2, 8)


def test_a_text_in_lines_of_base64_is_one_text(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """As `base64` and mail programs break it."""
    text = encoded("a line that says nothing at all of interest to anybody\n" * 2 + f"token: {token}\n")
    (tmp_path / "a").write_text("\n".join(text[at : at + 76] for at in range(0, len(text), 76)) + "\n")

    assert [each.found.through for each in scanned().findings] == [("base64",)]


def test_encodings_are_looked_into_two_deep(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """And no deeper: a content could go on for ever."""
    twice = encoded("once more: " + encoded(f"token: {token}"))
    (tmp_path / "twice").write_text(twice)
    (tmp_path / "thrice").write_text(encoded(f"again {twice}"))

    assert [(each.found.place.path, each.found.through) for each in scanned().findings] == [
        ("twice", ("base64", "base64"))
    ]


def test_hashes_and_names_are_not_decoded() -> None:
    """Most long words are no encoded text."""
    words = [
        "d41d8cd98f00b204e9800998ecf8427e" * 2,
        "assert_that_nothing_was_called_twice",
        "usr/share/doc/python3/html/x",
    ]
    assert list(runs(" ".join(words).encode())) == []


@pytest.mark.parametrize("newlines", [True, False])
def test_windows_cut_no_secret_and_show_none_twice(
    newlines: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scanned: Scanned
) -> None:
    """Whatever stands at the edge of a window; what is found is what a look at the whole finds."""
    monkeypatch.setattr(windows, "SIZE", 4096)
    monkeypatch.setattr(windows, "AHEAD", 256)
    monkeypatch.setattr(windows, "BEHIND", 128)
    filler = "lorem ipsum dolor\n" if newlines else "lorem ipsum dolor "
    text = "".join(f"{filler * (n % 7 + 1)}{made_up(n)}{filler[-1]}" for n in range(150))
    (tmp_path / "a").write_text(text)

    whole = loaded().scan(text)
    lines = [(text.count("\n", 0, each.start) + 1, each.start - text.rfind("\n", 0, each.start)) for each in whole]
    assert len(lines) == 150
    assert [(each.found.line, each.found.column) for each in scanned().findings] == lines


def test_nothing_of_a_value_is_shown_but_how_a_token_begins(token: str) -> None:
    """A password's beginning is a part of the secret."""
    assert redacted(token, generic=False) == "ghp_… (40 characters)"
    assert redacted("correct horse battery staple", generic=True) == "… (28 characters)"
    assert redacted("short-token", generic=False) == "… (11 characters)"


def test_a_name_does_nothing_to_a_terminal() -> None:
    """Newlines, escapes and bytes that are no text are written out; everything else is as it is."""
    assert shown_path("a\nb\x1b[31m\udcff\u202e") == "a\\nb\\x1b[31m\\xff\\u202e"
    assert shown_path("日本語 ü.txt") == "日本語 ü.txt"
