"""A piece of the spool: a file of fixed size, mapped into memory, that records are written one behind another in.

Written through the mapping, a record costs a copy and no system call, and is the kernel's from then on: it outlives
`kill -9` of the process. Only a loss of power needs `sync`. The file's blocks are allocated beforehand, since a full
disk under a mapping is a signal (SIGBUS) and not an error. Without a disk the same bytes stand in memory only.

A record is its length and CRC-32 (two little-endian 32-bit numbers), then its bytes. A length of 0 is the end.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

HEAD = struct.Struct("<II")
_pack = HEAD.pack
SIZE = 4 * 1024 * 1024
"""Bytes. Small, because what is mapped and touched counts as memory of the process."""


class Segment:
    """Room for records. Its number is its place in the spool."""

    __slots__ = ("_file", "number", "path", "position", "size", "view")

    def __init__(self, number: int, path: Path | None, size: int = SIZE) -> None:
        self.number = number
        self.path = path
        self.size = size
        self.position = 0
        """Where the next record goes."""
        self._file = -1 if path is None else _allocated(path, size)
        self.view = mmap.mmap(self._file, size)

    def append(self, record: bytes) -> bool:
        """Write a record, if there is room for it and the zero behind it. The kernel has it when this returns."""
        length = len(record)
        position = self.position
        end = position + 8 + length
        if end + 4 > self.size:
            return False
        self.view[position:end] = _pack(length, crc32(record)) + record
        self.position = end
        return True

    def sync(self) -> None:
        """Bring it to the disk. May be called by another thread than the one that writes."""
        if self._file >= 0:
            os.fdatasync(self._file)

    def read(self, start: int, end: int) -> bytes:
        """The bytes of whole records, between two positions."""
        if self.path is None or not self.view.closed:
            return self.view[start:end]
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def rest(self) -> None:
        """Nothing more is written: what has a file is no longer kept in memory."""
        if self.path is not None:
            self.close()

    def close(self) -> None:
        """Take it out of memory; a file stays."""
        self.view.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def delete(self) -> None:
        """Close it, and remove its file."""
        self.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _allocated(path: Path, size: int) -> int:
    """A new file with all of its blocks. Raises `OSError` where the disk is full, and leaves nothing then."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        os.close(descriptor)
        path.unlink()
        raise
    return descriptor


def records(data: bytes) -> Iterator[bytes]:
    """The records that stand in `data`, up to its end or to the first that is not whole."""
    position, end = 0, len(data)
    while position + HEAD.size <= end:
        length, checksum = HEAD.unpack_from(data, position)
        position += HEAD.size
        record = data[position : position + length]
        if length == 0 or len(record) < length or crc32(record) != checksum:
            return
        yield record
        position += length


def torn(data: bytes) -> bool:
    """Whether something stands behind the last whole record: the writer was killed while it wrote."""
    whole = sum(HEAD.size + len(record) for record in records(data))
    return data.count(0, whole) != len(data) - whole
