"""AWS's framing of streams (`application/vnd.amazon.eventstream`): binary messages of headers and a payload.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html (the same framing): total length,
length of the headers, CRC-32 of these two; headers; payload; CRC-32 of all before. Numbers are big-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping

from fairlead.apps.hub.calls import Unsayable

MOST_BYTES = 16 * 1024 * 1024
PRELUDE = struct.Struct(">III")
STRING = 7
SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Of the values of other types of headers; 6 and 7 (bytes and strings) say theirs."""


class Frames:
    """Messages of a stream that comes in pieces cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
        """The headers (those that are text) and payloads that the piece completed. Raises `Unsayable`."""
        buffer = self._buffer
        buffer += data
        while len(buffer) >= PRELUDE.size:
            total, head, check = PRELUDE.unpack_from(buffer)
            if check != zlib.crc32(buffer[:8]) or not PRELUDE.size + head + 4 <= total <= MOST_BYTES:
                raise Unsayable("the stream has a message whose beginning is damaged")
            if len(buffer) < total:
                return
            message = bytes(buffer[:total])
            del buffer[:total]
            if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:]):
                raise Unsayable("the stream has a message that is damaged")
            yield _headers(message[12 : 12 + head]), message[12 + head : -4]

    @property
    def whole(self) -> bool:
        """Whether nothing is left of a message that is not complete."""
        return not self._buffer


def _headers(data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(data):
            end = at + 1 + data[at]
            name, kind = data[at + 1 : end].decode(), data[end]
            at = end + 1
            if kind in (6, STRING):
                size = int.from_bytes(data[at : at + 2])
                value, at = data[at + 2 : at + 2 + size], at + 2 + size
                if kind == STRING:
                    found[name] = value.decode()
            else:
                at += SIZES[kind]
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise Unsayable("the stream has a message with a header that can't be read") from error
    return found


def framed(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    lengths = struct.pack(">II", PRELUDE.size + len(head) + len(payload) + 4, len(head))
    message = lengths + zlib.crc32(lengths).to_bytes(4) + head + payload
    return message + zlib.crc32(message).to_bytes(4)


def _header(name: str, value: str) -> bytes:
    named, said = name.encode(), value.encode()
    return bytes([len(named)]) + named + bytes([STRING]) + len(said).to_bytes(2) + said
