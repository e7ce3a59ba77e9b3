"""The engine's way of sending two outputs over one connection, taken apart.

Each frame has a header of 8 bytes: the stream, three zeros, and the length in big-endian order (Engine API, "Stream
format"). In a log, a frame is one line with its time before it, or a part of a long one: then it has no end of line.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from typing import Any

from fairlead.engine.runtime import LogLine
from fairlead.engine.runtimes.docker.seen import moment

_HEADER = struct.Struct(">BxxxL")
_STREAMS = {1: "out", 2: "err"}

LONGEST = 32 * 1024
"""A longer line is cut into several, as in the log of a local process."""


async def frames(answer: Any) -> AsyncIterator[tuple[str, bytes]]:
    """Stream and data of each frame of an answer; half a frame at its end is dropped."""
    held = bytearray()
    async for block in answer.content.iter_any():
        held += block
        while len(held) >= _HEADER.size:
            stream, length = _HEADER.unpack_from(held)
            if len(held) < _HEADER.size + length:
                break
            data = bytes(held[_HEADER.size : _HEADER.size + length])
            del held[: _HEADER.size + length]
            yield _STREAMS.get(stream, "err"), data


class Lines:
    """Puts lines together from the frames of a log with times."""

    def __init__(self) -> None:
        self._begun: dict[str, LogLine] = {}

    def take(self, stream: str, frame: bytes) -> LogLine | None:
        """The line that this frame ends, if it ends one."""
        stamp, _, data = frame.partition(b" ")
        text = data.decode("utf-8", "replace")
        begun = self._begun.pop(stream, None)
        line = LogLine(
            begun.at if begun else moment(stamp.decode()) or 0.0, stream, (begun.text if begun else "") + text
        )
        if text.endswith("\n"):
            return LogLine(line.at, stream, line.text[:-1])
        if len(line.text) >= LONGEST:
            return line
        self._begun[stream] = line
        return None

    def rest(self) -> list[LogLine]:
        """Lines that were begun and will get no end."""
        found = sorted(self._begun.values(), key=lambda line: line.at)
        self._begun.clear()
        return found
