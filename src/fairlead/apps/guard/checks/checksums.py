"""Checksums that issuers put into their tokens; one that fits can hardly be chance."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable

from fairlead.apps.guard.checks import check
from fairlead.apps.guard.checks.parameters import one_of, yes
from fairlead.apps.guard.checks.randomness import ALPHABETS

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def in_base(number: int, digits: str, width: int) -> str:
    """A number in the base that these digits are of, filled up with zeros."""
    text = ""
    while number:
        number, digit = divmod(number, len(digits))
        text = digits[digit] + text
    return text.rjust(width, digits[0])


def crc32_in_base62(value: str) -> bool:
    """The last six of 36 characters after the prefix are the CRC-32 of the thirty before, in base 62.

    https://github.blog/engineering/behind-githubs-new-authentication-token-formats/; npm's tokens do the same.
    """
    body = value.rsplit("_", 1)[-1]
    return len(body) > 6 and in_base(zlib.crc32(body[:-6].encode()), _BASE62, 6) == body[-6:]


def crc32_in_hex(value: str) -> bool:
    """`<prefix>_<random>_<crc>`: eight hexadecimal digits, the CRC-32 of all before the last underscore (Grafana)."""
    body, _, crc = value.rpartition("_")
    return crc.lower() == f"{zlib.crc32(body.encode()):08x}"


def crc32_after_equals(value: str) -> bool:
    """`<token>=<crc>`: eight hexadecimal digits, the CRC-32 of what stands before the sign (Atlassian)."""
    body, _, crc = value.rpartition("=")
    return crc.lower() == f"{zlib.crc32(body.encode()):08x}"


def base58check(value: str) -> bool:
    """The last four bytes are the double SHA-256 of the others (Bitcoin's keys: BIP 178, WIF)."""
    number = 0
    for char in value:
        digit = ALPHABETS["base58"].find(char)
        if digit < 0:
            return False
        number = number * 58 + digit
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return len(data) > 4 and hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


def bech32(value: str) -> bool:
    """The last six characters are the checksum of BIP 173 (age's secret keys)."""
    prefix, _, data = value.lower().rpartition("1")
    digits = [_BECH32.find(char) for char in data]
    if not prefix or len(data) < 6 or min(digits) < 0:
        return False
    spread = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    return _bech32_polymod(spread + digits) == 1


def _bech32_polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum


CHECKSUMS: dict[str, Callable[[str], bool]] = {
    "github": crc32_in_base62,
    "npm": crc32_in_base62,
    "crc32-base62": crc32_in_base62,
    "grafana": crc32_in_hex,
    "crc32-hex": crc32_in_hex,
    "atlassian": crc32_after_equals,
    "base58check": base58check,
    "bech32": bech32,
}


@check("checksum", one_of(CHECKSUMS), proves=True, doubts=True)
def checksum(value: str, name: str) -> bool:
    """The checksum within the token fits."""
    return CHECKSUMS[name](value)


@check("needed-checksum", one_of(CHECKSUMS), proves=True)
def needed_checksum(value: str, name: str) -> bool:
    """The same, where nothing else tells the token from random text."""
    return CHECKSUMS[name](value)


@check("luhn", yes, proves=False)
def luhn(value: str, _: object) -> bool:
    """The digits add up as ISO/IEC 7812 asks of card numbers; one number in ten does by chance."""
    digits = [int(char) for char in value if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(digits) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
