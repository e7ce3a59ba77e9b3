"""Checks: what they take and what they refuse."""

from __future__ import annotations

import random
import zlib

import pytest

from fairlead.apps.guard.checks import ParameterError, doubts, kinds, made
from fairlead.apps.guard.checks.placeholders import is_placeholder, is_template
from fairlead.apps.guard.checks.randomness import ALPHABETS, bits_per_character, looks_typed

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9" + ".Q2vTb8mXkP1rYfWzHs7LdN4uJc9GaE0oKi5Rt6VpSyM"


@pytest.mark.parametrize(
    ("name", "parameter", "good", "bad"),
    [
        ("entropy", 3.0, "a8Kq2xZw9", "aaaaaaaab"),
        ("alphabet", "base58", "5Hab", "0OIl"),
        ("length", 4, "abcd", "abc"),
        ("length", [2, 3], "abc", "abcd"),
        ("mixed", 3, "aB1", "ab1"),
        ("digits", 2, "a1b2", "a1bc"),
        (
            "checksum",
            "github",
            "ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ0mLq17",
            "ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ0mLq1z",
        ),
        ("checksum", "crc32-hex", f"gl_abc_{zlib.crc32(b'gl_abc'):08x}", "gl_abc_00000000"),
        ("checksum", "atlassian", f"ATATT3xyz={zlib.crc32(b'ATATT3xyz'):08X}", "ATATT3xyz=00000000"),
        # The example of https://en.bitcoin.it/wiki/Wallet_import_format.
        (
            "checksum",
            "base58check",
            "5HueCGU8rMjxEXxiPuD5BDku4MkF" + "qeZyd4dZ1jvhTVqvbTLvyTJ",
            "5HueCGU8rMjxEXxiPuD5BDku4MkF" + "qeZyd4dZ1jvhTVqvbTLvyTK",
        ),
        # A test vector of BIP 173.
        (
            "checksum",
            "bech32",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxa",
        ),
        ("luhn", True, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ("structure", "jwt", JWT, "eyJhbGciOiJIUzI1NiJ9.x"),
        ("structure", "url", "ftp://a:b@c", "ftp://a@c"),
        ("structure", "uuid", "123e4567-e89b-42d3-a456-426614174000", "123e4567"),
        ("structure", "base64", "aGVsbG8", "a*b"),
        ("structure", "base64-json", "eyJhIjoxfQ", "aGVsbG8"),
        (
            "structure",
            "pem",
            "-----BEGIN KEY-----\\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\\n-----END KEY-----",
            "-----BEGIN KEY-----\naaaa",
        ),
        ("proof", "jwt", JWT, "a.b.c"),
        ("not", "uuid", "abc", "123e4567-e89b-42d3-a456-426614174000"),
        ("placeholder", "no", "tR7kqLw29x", "your-token"),
    ],
)
def test_a_check_tells_one_from_the_other(name: str, parameter: object, good: str, bad: str) -> None:
    """The first passes, the second does not."""
    check = made(name, parameter)

    assert check.passes(good)
    assert not check.passes(bad)


@pytest.mark.parametrize(
    ("name", "parameter", "words"),
    [
        ("entropi", 1, "unknown check: entropi .*entropy"),
        ("entropy", "x", "should be a number above 0, got 'x'"),
        ("entropy", True, "should be a number"),
        ("alphabet", "base63", "should be one of .*base62.*got 'base63'"),
        ("length", [1, 2, 3], r"\[least, most\]"),
        ("luhn", False, "should be true"),
    ],
)
def test_a_wrong_parameter_is_named(name: str, parameter: object, words: str) -> None:
    """With what should stand there."""
    with pytest.raises(ParameterError, match=words):
        made(name, parameter)


def test_only_what_chance_hardly_does_proves_anything() -> None:
    """A finding is sure by a checksum or a structure, not by its length."""
    assert {name for name, kind in kinds().items() if kind.proves} == {"checksum", "needed-checksum", "proof"}


def test_only_a_checksum_may_be_wrong_in_a_secret() -> None:
    """The value is told with that doubt; where the checksum is all that tells it from random text, it is none."""
    wrong = "ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ0mLq1z"
    entropy, checksum = made("entropy", 3.0), made("checksum", "github")
    assert doubts((entropy, checksum), wrong) == (checksum,)
    assert doubts((entropy, checksum), "ghp_" + "a" * 36) is None
    assert doubts((made("needed-checksum", "github"),), wrong) is None


def test_random_tokens_do_not_look_typed() -> None:
    """Not one in two hundred, in the alphabets that tokens are written in; rows of the keyboard do."""
    chance = random.Random(7)
    for alphabet, length in (("hex", 32), ("base32", 58), ("base62", 36), ("base58", 107), ("base62", 20)):
        drawn = ["".join(chance.choices(ALPHABETS[alphabet].rstrip("="), k=length)) for _ in range(1000)]
        assert sum(map(looks_typed, drawn)) <= 5, alphabet
    assert all(map(looks_typed, ("abcdefgh12345678abcdefgh", "ghp_" + "a1" * 18, "tok_aaaabbbbccccdddd", "x")))


@pytest.mark.parametrize(
    "value",
    ["xxxxxxxxxxxx", "<your-token>", "AKIAIOSFODNN7EXAMPLE", "changeme", "abababababababababab", "key_1234567890"],
)
def test_what_stands_in_for_a_secret_is_seen(value: str) -> None:
    """By its words, its sameness or its order."""
    assert is_placeholder(value) or is_template(value)


@pytest.mark.parametrize("value", ["${TOKEN}", "{{ token }}", "$TOKEN", "%TOKEN%", "<token>", "$(cat token)"])
def test_a_template_is_seen(value: str) -> None:
    """Whatever fills it in."""
    assert is_template(value)


def test_randomness_is_counted_in_bits() -> None:
    """Shannon's entropy, with its two ends."""
    assert bits_per_character("") == 0
    assert bits_per_character("abcd") == 2
