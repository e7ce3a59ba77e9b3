"""Contents within contents, and those that are made to do harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.apps.guard.scanning.limits import Limits

from .conftest import Scanned, places, reasons


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


PRESSED: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("form", PRESSED)
def test_what_is_pressed_together_is_looked_into(form: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Two after one another are one content, as the tools have it; a tar in it is opened too."""
    press = PRESSED[form]
    (tmp_path / "log").write_bytes(press(b"a line\n") + press(f"{token}\n".encode()))
    (tmp_path / "tree").write_bytes(press(tarred("inner/a.py", token.encode())))

    assert places(scanned()) == ["log:2:1", "tree!inner/a.py:1:1"]


def test_archives_are_told_by_what_they_are_and_opened_within_each_other(
    token: str, tmp_path: Path, scanned: Scanned
) -> None:
    """Not by their names; a zip within something else too, although it is read from its end."""
    inner = zipped("a.txt", token.encode())
    (tmp_path / "report.docx").write_bytes(inner)
    (tmp_path / "all").write_bytes(gzip.compress(tarred("x.zip", zipped("y.jar", inner))))

    assert places(scanned()) == ["all!x.zip!y.jar!a.txt:1:1", "report.docx!a.txt:1:1"]
    assert scanned(limits=Limits(archives=False)).findings == []


def test_nesting_ends_somewhere_and_says_so(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """A content can be in any number of archives."""
    content = token.encode()
    for _ in range(8):
        content = zipped("next", content)
    (tmp_path / "deep").write_bytes(content)

    report = scanned()
    assert report.findings == []
    assert reasons(report) == [f"deep{'!next' * 6}: it is nested in more than 6 archives"]


@pytest.mark.parametrize("form", [*PRESSED, "zip"])
def test_a_bomb_is_left_where_it_is(form: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """What was before it in the same folder is found all the same."""
    bomb = b"words " * 1_000_000
    (tmp_path / "bomb").write_bytes(zipped("a", bomb) if form == "zip" else PRESSED[form](bomb))
    (tmp_path / "a").write_text(token)

    report = scanned(limits=Limits(expanded_bytes=2 << 20))
    assert places(report) == ["a:1:1"]
    assert reasons(report) == ["bomb: it expands to more than 2 MiB: not looked through to its end"]


def test_a_zip_with_too_many_members_is_left(tmp_path: Path, scanned: Scanned) -> None:
    """By their number, and by the size of their list before it is read."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for n in range(20):
            archive.writestr(str(n), "words")
    (tmp_path / "many").write_bytes(made.getvalue())

    assert reasons(scanned(limits=Limits(members=10))) == [
        "many: it has more than 10 members: not looked through to its end"
    ]
    assert reasons(scanned(limits=Limits(directory_bytes=100))) == ["many: its list of members is too large"]


def test_a_header_of_tar_can_not_ask_for_memory(tmp_path: Path, scanned: Scanned) -> None:
    """A long name of two megabytes is no name."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("n" * (2 << 20)))
    (tmp_path / "tar").write_bytes(made.getvalue())

    assert reasons(scanned()) == ["tar: it is damaged: a header is too large"]


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "zip": lambda content: zipped("a", content * 50)[:-60],
    "gz": lambda content: gzip.compress(content * 50)[:-12],
    "xz": lambda content: lzma.compress(content * 50)[:-30],
    "tar": lambda content: tarred("a", content)[:1024] + b"no header, and no end either" * 40,
    "7z": lambda content: b"7z\xbc\xaf\x27\x1c" + content,
}


@pytest.mark.parametrize("form", DAMAGED)
def test_what_can_not_be_opened_is_said(form: str, token: str, tmp_path: Path, scanned: Scanned) -> None:
    """Damaged ones, and those of forms that we do not know."""
    (tmp_path / "damaged").write_bytes(DAMAGED[form](token.encode()))

    assert len(scanned().unscanned) == 1


def test_an_encrypted_member_is_said(token: str, tmp_path: Path, scanned: Scanned) -> None:
    """The others are looked through."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("locked", "words")
        archive.writestr("open", token)
    content = made.getvalue()
    entry = content.index(b"PK\1\2")
    (tmp_path / "zip").write_bytes(content[: entry + 8] + b"\1" + content[entry + 9 :])

    report = scanned()
    assert places(report) == ["zip!open:1:1"]
    assert reasons(report) == ["zip!locked: it is encrypted"]
