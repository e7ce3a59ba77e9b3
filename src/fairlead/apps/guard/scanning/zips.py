"""How long the list of members in a zip is, before it is read: it is read as a whole, and made into objects.

APPNOTE.TXT 4.3.14 to 4.3.16 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
"""

from __future__ import annotations

import struct
from typing import IO

_END = b"PK\5\6"
_END_64 = b"PK\6\6"
_LOCATOR = b"PK\6\7"
_LONGEST = 22 + 65_535
"""Bytes of the last record with the longest comment."""


def directory_bytes(file: IO[bytes]) -> int:
    """The largest size that a record at the end of the file states; 0 when there is none."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - _LONGEST - 20 - 56))
    tail = file.read()
    file.seek(0)
    stated = [_at("<L", tail, tail.rfind(_END), 12)]
    if _LOCATOR in tail:
        place = _at("<Q", tail, tail.rfind(_LOCATOR), 8)
        if place < size:
            file.seek(place)
            stated.append(_at("<Q", file.read(56), 0, 40))
            file.seek(0)
        stated.append(_at("<Q", tail, tail.rfind(_END_64), 40))
        stated = [0 if each == 0xFFFFFFFF else each for each in stated]
    return max(stated)


def _at(form: str, data: bytes, record: int, offset: int) -> int:
    if record < 0 or record + offset + struct.calcsize(form) > len(data):
        return 0
    return int(struct.unpack_from(form, data, record + offset)[0])
