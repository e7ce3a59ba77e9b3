"""Heads that came before on a connection: who asks again mostly says the same again, but for the length of the body.

A head that llhttp has accepted whole is kept as its bytes before and behind the number of its length. The next message
that has the same bytes there means the same: it is compared, and not read again. Whatever differs in any byte, or did
not come at once, goes to llhttp. So nothing is accepted here that was not accepted there.
"""

from __future__ import annotations

import re
from typing import Generic, TypeVar

LONGEST = 4096
"""Bytes of a head that is kept: each connection keeps one."""

MOST_TRIES = 16
"""Heads that are kept for nothing, one after another, until no more are: there are clients that never repeat one."""

_LENGTH = re.compile(rb"\r\ncontent-length: ?([0-9]{1,9})\r\n", re.IGNORECASE)

T = TypeVar("T")


class Known(Generic[T]):
    """One head; `told` is what was read of it, not to be changed."""

    __slots__ = ("_before", "_behind", "_most", "_start", "told")

    def __init__(self, before: bytes, behind: bytes, told: T) -> None:
        self._before = before
        self._behind = behind
        self._start = len(before)
        self._most = self._start + 10
        self.told = told

    def body(self, data: bytes) -> bytes | None:
        """What follows the head, where `data` is this head with the length of just that; else `None`."""
        if not data.startswith(self._before):
            return None
        start, behind = self._start, self._behind
        end = data.find(b"\r", start, self._most)
        length = data[start:end]
        if end < 0 or not length.isdigit() or not data.startswith(behind, end):
            return None
        body = data[end + len(behind) :]
        return body if len(body) == int(length) else None


def known(data: bytes, told: T) -> Known[T] | None:
    """The head of `data`, of which llhttp has made one whole message, where that is all there is."""
    end = data.find(b"\r\n\r\n", 0, LONGEST) + 4
    found = _LENGTH.search(data, 0, end)
    if found is None or int(found[1]) != len(data) - end:
        return None
    return Known(data[: found.start(1)], data[found.end(1) : end], told)
