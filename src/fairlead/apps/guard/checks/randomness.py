"""How random a value looks: Shannon's entropy, the characters it is made of, its length, its variety."""

from __future__ import annotations

import math
import string
from collections import Counter

from fairlead.apps.guard.checks import check
from fairlead.apps.guard.checks.parameters import lengths, number, one_of

ALPHABETS = {
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "letters": string.ascii_letters,
    "hex": string.hexdigits,
    "hex-lower": string.digits + "abcdef",
    "hex-upper": string.digits + "ABCDEF",
    "base32": string.ascii_uppercase + "234567=",
    "base36": string.digits + string.ascii_lowercase,
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base62": string.digits + string.ascii_letters,
    "base64": string.digits + string.ascii_letters + "+/=",
    "base64url": string.digits + string.ascii_letters + "-_=",
}
"""The alphabets that issuers write tokens in."""

_SETS = {name: frozenset(chars) for name, chars in ALPHABETS.items()}


def bits_per_character(value: str) -> float:
    """Shannon's entropy of the characters of a text, in bits (0 for an empty one)."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0


@check("entropy", number)
def entropy(value: str, least: float) -> bool:
    """At least so many bits per character."""
    return bits_per_character(value) >= least


@check("alphabet", one_of(ALPHABETS))
def alphabet(value: str, name: str) -> bool:
    """Made of one alphabet's characters only."""
    return _SETS[name].issuperset(value)


@check("length", lengths)
def length(value: str, bounds: tuple[int, int]) -> bool:
    """Within these lengths, in characters."""
    return bounds[0] <= len(value) <= bounds[1]


@check("mixed", number)
def mixed(value: str, least: float) -> bool:
    """Of so many classes at least: lower case, upper case, digits, the rest."""
    classes = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    return sum(any(map(belongs, value)) for belongs in classes) >= least


@check("digits", number)
def digits(value: str, least: float) -> bool:
    """At least so many digits."""
    return sum(map(str.isdigit, value)) >= least
