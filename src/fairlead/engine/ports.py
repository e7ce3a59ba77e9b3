"""Ports of this machine: leased from a range below the kernel's own, and checked before each use."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection

from fairlead.errors import RuntimeFailure

FIRST, LAST = 20_000, 29_999
"""Below 32768, where Linux begins to hand out ports to outgoing connections by default."""


def free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a program could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def lease(taken: Collection[int], *, start: int | None = None) -> int:
    """A port that is free and not in `taken`; the search begins at `start`, by default elsewhere in each process."""
    span = LAST - FIRST + 1
    begin = start if start is not None else FIRST + (os.getpid() * 97) % span
    for step in range(span):
        port = FIRST + (begin - FIRST + step) % span
        if port not in taken and free(port):
            return port
    raise RuntimeFailure(f"no port between {FIRST} and {LAST} is free")
