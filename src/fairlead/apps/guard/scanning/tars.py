"""Tar archives, read forwards only, whose headers can't ask for more memory than a header needs."""

from __future__ import annotations

import io
import tarfile
from tarfile import InvalidHeaderError, TruncatedHeaderError  # type: ignore[attr-defined]  # not in typeshed
from typing import Any, Self

from fairlead.apps.guard.scanning.readers import Read

LARGEST = 1 << 20
"""Bytes of a header that says something of a member, such as a long name."""
_TELLING = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}


class BoundedInfo(tarfile.TarInfo):
    """A member's header; those that are read as a whole may not be large."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """The next header. A damaged one is an error wherever it stands; tarfile takes it for the end."""
        try:
            return super().fromtarfile(tarfile)
        except (InvalidHeaderError, TruncatedHeaderError) as error:
            raise ValueError("a header is damaged") from error

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _TELLING and self.size > LARGEST:
            raise tarfile.ReadError("a header is too large")
        return super()._proc_member(archive)  # type: ignore[misc]  # the one place that sees each header first


class Forward(io.RawIOBase):
    """A content as the file that `tarfile` asks for."""

    def __init__(self, read: Read) -> None:
        self._content = read

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, as many as there are."""
        parts, left = [], size
        while left > 0 and (data := self._content(left)):
            parts.append(data)
            left -= len(data)
        return b"".join(parts)
