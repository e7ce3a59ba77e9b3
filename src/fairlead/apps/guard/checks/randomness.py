"""How random a value looks: Shannon's entropy, the characters it is made of, its length, its variety."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from itertools import pairwise

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


_STEPS = 0.25
"""The share of characters beside a neighbour of theirs in the alphabet, beyond chance, that no random text reaches."""
_LEAST = 0.7
"""The least bits per character of random text, as a share of the most that its length allows."""


def looks_typed(value: str) -> bool:
    """Whether the longest part of a token was made up by hand rather than drawn: `abcd1234…`, few characters."""
    body = max(re.split(r"[_.-]", value), key=len)
    if len(body) < 2:
        return True
    steps = sum(abs(ord(one) - ord(two)) <= 1 for one, two in pairwise(body))
    chance = 3 / len(set(body))
    return steps > (_STEPS + chance) * (len(body) - 1) or bits_per_character(body) < _LEAST * math.log2(
        min(len(body), 64)
    )


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
