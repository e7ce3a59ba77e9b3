"""What was pressed together, opened piece by piece: a piece that would become a gigabyte comes out as pieces too."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Any, Protocol

from fairlead.apps.guard.scanning.limits import Budget
from fairlead.apps.guard.scanning.readers import Read

PIECE = 1 << 16
MEMORY = 128 << 20
"""Bytes that xz may take: its largest preset needs 65 MiB, a made-up one can ask for four gigabytes."""


class Expander(Protocol):
    """As `bz2` and `lzma` have it."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most so many bytes of what comes out."""


class _Gzip:
    """zlib's in the same form."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._rest

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._inner.decompress(self._rest + data, max_length)
        self._rest = self._inner.unconsumed_tail
        return out


def _expander(form: str) -> Any:
    if form == "gzip":
        return _Gzip()
    return bz2.BZ2Decompressor() if form == "bzip2" else lzma.LZMADecompressor(memlimit=MEMORY)


class Pressed:
    """A content out of gzip, bzip2 or xz; several after one another are one, as their tools have it."""

    def __init__(self, read: Read, form: str) -> None:
        self._read = read
        self._form = form
        self._expander: Expander = _expander(form)
        self._carried = b""

    def __call__(self, size: int) -> bytes:
        while True:
            data = b""
            if self._expander.eof and not self._next():
                return b""
            if self._expander.needs_input:
                data = self._carried or self._read(PIECE)
                self._carried = b""
                if not data:
                    raise EOFError("it ends too early")
            if out := self._expander.decompress(data, size):
                return out

    def _next(self) -> bool:
        """Whether another one follows; zeros after the last are padding."""
        rest = self._expander.unused_data.lstrip(b"\0") or self._read(PIECE).lstrip(b"\0")
        if not rest:
            return False
        self._expander, self._carried = _expander(self._form), rest
        return True


class Metered:
    """A content out of an archive, counted against its budget."""

    def __init__(self, read: Read, budget: Budget) -> None:
        self._read = read
        self._budget = budget

    def __call__(self, size: int) -> bytes:
        data = self._read(min(size, 1 << 20))
        self._budget.expanded(len(data))
        return data
