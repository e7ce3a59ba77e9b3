"""Random text in the alphabets that issuers use, from a seed: every token of the evaluation is made when it runs."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE58 = "".join(char for char in BASE62 if char not in "0OIl")
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Draw(random.Random):
    """A seeded source of tokens."""

    def of(self, alphabet: str, count: int) -> str:
        """So many characters."""
        return "".join(self.choices(alphabet, k=count))

    def mixed(self, count: int) -> str:
        """Letters of both cases and digits."""
        return self.of(BASE62, count)

    def lower(self, count: int) -> str:
        """Lower-case letters and digits."""
        return self.of(string.ascii_lowercase + string.digits, count)

    def upper(self, count: int) -> str:
        """Upper-case letters and digits."""
        return self.of(string.ascii_uppercase + string.digits, count)

    def hex(self, count: int) -> str:
        """Hexadecimal digits."""
        return self.of("0123456789abcdef", count)

    def digits(self, count: int) -> str:
        """Decimal digits, the first of them not 0."""
        return self.of("123456789", 1) + self.of(string.digits, count - 1)

    def url64(self, count: int) -> str:
        """Base64 for URLs."""
        return self.of(BASE62 + "-_", count)

    def base64(self, size_bytes: int) -> str:
        """Bytes in base64, padded."""
        return base64.b64encode(self.randbytes(size_bytes)).decode()

    def uuid(self) -> str:
        """RFC 9562, version 4."""
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-{self.choice('89ab')}{self.hex(3)}-{self.hex(12)}"

    def one(self, of: Sequence[T]) -> T:
        """One of these."""
        return of[self.randrange(len(of))]

    def between(self, least: int, most: int) -> int:
        """A number from `least` to `most`."""
        return self.randint(least, most)

    def jwt(self) -> str:
        """RFC 7519, signed with HS256 as far as one can see."""
        parts: list[object] = [
            {"alg": "HS256", "typ": "JWT"},
            {"sub": self.digits(10), "iat": self.between(1_600_000_000, 1_790_000_000), "role": "service"},
        ]
        texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return ".".join((*texts, self.url64(43)))


def crc32_in_62(text: str) -> str:
    """The last six characters of GitHub's tokens, by their own description: CRC-32, base 62, zeros before it."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits


def base58check(data: bytes) -> str:
    """Base 58 with four bytes of a double SHA-256, as Bitcoin writes keys."""
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return text


def bech32(prefix: str, data: bytes) -> str:
    """BIP 173, as age writes keys."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    spread = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    sum_ = _polymod([*spread, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [sum_ >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1" + "".join(BECH32[word] for word in words)


def _polymod(words: list[int]) -> int:
    sum_ = 1
    for word in words:
        top, sum_ = sum_ >> 25, (sum_ & 0x1FFFFFF) << 5 ^ word
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            sum_ ^= generator * (top >> place & 1)
    return sum_
