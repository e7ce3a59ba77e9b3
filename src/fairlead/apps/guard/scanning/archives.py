"""Contents within contents: zip and tar, and what gzip, bzip2 or xz pressed together, opened without unpacking to disk.

Told by its first bytes, not by its name. Everything that comes out is counted against the budget of the file it is in.
"""

from __future__ import annotations

import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Literal

from fairlead.apps.guard.scanning.content import Looker
from fairlead.apps.guard.scanning.expanding import Metered, Pressed
from fairlead.apps.guard.scanning.found import Harvest, Place, Unlooked, Unscanned
from fairlead.apps.guard.scanning.limits import Budget
from fairlead.apps.guard.scanning.readers import HEAD, Peeked, Read, encoding_of
from fairlead.apps.guard.scanning.tars import BoundedInfo, Forward
from fairlead.apps.guard.scanning.zips import directory_bytes

Form = Literal["zip", "tar", "gzip", "bzip2", "xz", "zstd", "7z", "rar"]

_MAGIC: tuple[tuple[bytes, Form], ...] = (
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
_BEGINNINGS = tuple(magic for magic, _ in _MAGIC)
_UNREAD = {"zstd", "7z", "rar"}
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
           RuntimeError, ValueError, OverflowError)  # fmt: skip
"""What the standard library raises for archives that are damaged, encrypted or of a kind that it does not know."""


def form_of(head: bytes) -> Form | None:
    """What kind of archive begins so."""
    if head.startswith(b"ustar", 257):
        return "tar"
    if not head.startswith(_BEGINNINGS):
        return None
    return next(form for magic, form in _MAGIC if head.startswith(magic))


class Opener:
    """Looks through a content, and through those within it."""

    def __init__(self, looker: Looker) -> None:
        self.looker = looker

    def plain(self, data: bytes, budget: Budget) -> bool | None:
        """Whether a file that begins so holds a text in UTF-8 and nothing else; None when it holds no text at all."""
        if budget.limits.archives and form_of(data):
            return False
        encoding = encoding_of(data[:HEAD])
        return None if encoding is None else encoding == "utf-8"

    def look(
        self,
        content: Peeked,
        place: Place,
        budget: Budget,
        harvest: Harvest,
        file: IO[bytes] | None = None,
        depth: int = 0,
    ) -> None:
        """What a content holds; `file` is the same from its beginning, when it can be read at any place.

        Raises `Unlooked` when a bound of the whole file is reached.
        """
        form = form_of(content.head)
        if form is None or not budget.limits.archives:
            self.looker.look(content, place, budget, harvest)
        elif depth >= budget.limits.archive_depth:
            _unscanned(harvest, place, f"it is nested in more than {budget.limits.archive_depth} archives")
        elif form in _UNREAD:
            _unscanned(harvest, place, f"{form} archives can't be opened")
        else:
            self._open(form, content, place, budget, harvest, file, depth)

    def _open(
        self,
        form: Form,
        content: Peeked,
        place: Place,
        budget: Budget,
        harvest: Harvest,
        file: IO[bytes] | None,
        depth: int,
    ) -> None:
        def inner(read: Read, name: str) -> None:
            budget.member()
            within = place.inside(name) if name else place
            try:
                self.look(Peeked(Metered(read, budget)), within, budget, harvest, None, depth + 1)
            except _BROKEN as error:
                _unscanned(harvest, within, f"it is damaged: {_words(error)}")

        try:
            if form == "zip":
                _zip(content, file, inner, place, budget, harvest)
            elif form == "tar":
                _tar(content, inner)
            else:
                inner(Pressed(content.read, form), "")
        except _BROKEN as error:
            _unscanned(harvest, place, f"it is damaged: {_words(error)}")


def _tar(content: Peeked, inner: Callable[[Read, str], None]) -> None:
    with tarfile.open(fileobj=Forward(content.read), mode="r|", tarinfo=BoundedInfo) as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # not in typeshed; it would keep all of them
            if (file := archive.extractfile(member) if member.isreg() else None) is not None:
                inner(file.read, member.name)


def _zip(
    content: Peeked,
    file: IO[bytes] | None,
    inner: Callable[[Read, str], None],
    place: Place,
    budget: Budget,
    harvest: Harvest,
) -> None:
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as spooled:
        seekable = file or _spooled(content, spooled, budget)
        if directory_bytes(seekable) > budget.limits.directory_bytes:
            raise Unlooked("its list of members is too large")
        with zipfile.ZipFile(seekable) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    continue
                if member.flag_bits & 1:
                    budget.member()
                    _unscanned(harvest, place.inside(member.filename), "it is encrypted")
                elif member.compress_type == zipfile.ZIP_LZMA:  # takes as much memory as the archive says
                    _unscanned(harvest, place.inside(member.filename), "lzma within zip can't be opened")
                else:
                    _member(archive, member, inner, place, harvest)


def _member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    inner: Callable[[Read, str], None],
    place: Place,
    harvest: Harvest,
) -> None:
    try:
        with archive.open(member) as file:
            inner(file.read, member.filename)
    except _BROKEN as error:
        _unscanned(harvest, place.inside(member.filename), f"it is damaged: {_words(error)}")


def _spooled(content: Peeked, file: IO[bytes], budget: Budget) -> IO[bytes]:
    size = 0
    while data := content.read(1 << 16):
        size += len(data)
        if size > budget.limits.spooled_bytes:
            raise Unlooked(f"a zip of more than {budget.limits.spooled_bytes >> 20} MiB within something else")
        file.write(data)
    file.seek(0)
    return file


def _unscanned(harvest: Harvest, place: Place, reason: str) -> None:
    harvest.unscanned.append(Unscanned(place.path, reason, place.commit))


def _words(error: BaseException) -> str:
    """What the standard library says, without names from the archive."""
    return type(error).__name__ if isinstance(error, OSError | RuntimeError | ValueError) else _line(str(error))


def _line(text: str) -> str:
    return " ".join(text.split())[:80] or "it ends too early"
