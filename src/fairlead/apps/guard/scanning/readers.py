"""Contents as streams of UTF-8: what kind of content it is, from its beginning, and other encodings on the way."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Literal

Read = Callable[[int], bytes]
"""At most so many bytes of a content; none at its end."""

HEAD = 8192
"""Bytes from which the kind of a content is told (git looks at as many for a NUL)."""

FIRST = 1 << 16
"""Bytes that are read at first: most files are shorter."""

LEAST_PAIRS = 8
"""Pairs of bytes from which UTF-16 is told by its zeros."""

PAIRED = 0.7
"""Of western text in UTF-16, the share of pairs in which one byte is zero, at least."""

Encoding = Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]

_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEGINNINGS = tuple(mark for mark, _ in _MARKS)


class Peeked:
    """A content whose beginning has been looked at."""

    def __init__(self, read: Read, first: int = FIRST) -> None:
        self._read = read
        self._rest = filled(read, first)
        self.head = self._rest[:HEAD]
        self._ended = len(self._rest) < first

    def read(self, size: int) -> bytes:
        """More of it, from its beginning on."""
        if self._rest:
            taken, self._rest = self._rest[:size], self._rest[size:]
            return taken
        return b"" if self._ended else self._read(size)


def filled(read: Read, size: int) -> bytes:
    """So many bytes, however few come at a time."""
    data = read(size)
    while data and len(data) < size and (more := read(size - len(data))):
        data += more
    return data


def encoding_of(head: bytes) -> Encoding | None:
    """The encoding of a text by its beginning; None for what is no text."""
    if head.startswith(_BEGINNINGS):
        return next(encoding for mark, encoding in _MARKS if head.startswith(mark))
    return _without_mark(head) if b"\0" in head else "utf-8"


def _without_mark(head: bytes) -> Encoding | None:
    """UTF-16 that does not say so: of western text every other byte is zero."""
    if head.count(0) < PAIRED * (len(head) // 2):  # said quickly of most binary files
        return None
    even, odd = head[::2], head[1::2]
    if len(odd) < LEAST_PAIRS:
        return None
    if odd.count(0) > PAIRED * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > PAIRED * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def whole_utf8(data: bytes) -> bytes:
    """The same for a content that is there as a whole and claims to be UTF-8."""
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1").encode()
    return data


def as_utf8(read: Read, encoding: Encoding) -> Read:
    """The same content in UTF-8; what claims to be and is not is taken for Latin-1, from there on."""
    return _Checked(read) if encoding == "utf-8" else _Decoded(read, encoding)


class _Decoded:
    def __init__(self, read: Read, encoding: Encoding) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def __call__(self, size: int) -> bytes:
        while data := self._read(size):
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "replace")
        rest = self._decoder.decode(b"", True)
        self._decoder.reset()
        return rest.encode("utf-8", "replace")


class _Checked:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._cut = False
        """Whether the last piece ended within a character."""
        self._latin = False

    def __call__(self, size: int) -> bytes:
        data = self._read(size)
        if not self._latin and not (data.isascii() and not self._cut):
            self._check(data)
        return data.decode("latin-1").encode() if self._latin else data

    def _check(self, data: bytes) -> None:
        try:
            self._decoder.decode(data, not data)
        except UnicodeDecodeError:
            self._latin = True
        else:
            self._cut = bool(self._decoder.getstate()[0])
