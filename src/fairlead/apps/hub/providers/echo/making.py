"""Vectors, images and sounds that the echo makes: real ones, small, and the same for the same words."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib

DIMENSIONS = 64
RATE = 8000
"""Samples a second, of 16 bits, one channel."""
SECONDS_A_TOKEN = 0.01


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A unit vector: the sum of one for each word, so that texts that share words are near each other."""
    total = [0.0] * dimensions
    for word in text.lower().split() or [""]:
        data = hashlib.shake_256(word.encode()).digest(4 * dimensions)
        for place, number in enumerate(struct.unpack(f"<{dimensions}i", data)):
            total[place] += number / 2**31
    length = math.sqrt(sum(one * one for one in total)) or 1.0
    return [one / length for one in total]


def image(words: str) -> bytes:
    """A PNG of one pixel, whose colour is that of the words."""
    colour = hashlib.sha256(words.encode()).digest()[:3]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" + colour)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sound(count: int) -> bytes:
    """A WAV: a tone, as long as so many tokens take."""
    samples = max(1, round(count * SECONDS_A_TOKEN * RATE))
    tone = (round(8000 * math.sin(at * math.tau * 440 / RATE)) for at in range(samples))
    data = struct.pack(f"<{samples}h", *tone)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return head + struct.pack("<4sI", b"data", len(data)) + data


def seconds(data: bytes) -> float:
    """How long a sound is; of one that is no WAV a second for each 16 KB."""
    if data[:4] == b"RIFF" and len(data) >= 44:
        rate: int = struct.unpack_from("<I", data, 28)[0]
        return (len(data) - 44) / rate if rate else 0.0
    return len(data) / 16_384
