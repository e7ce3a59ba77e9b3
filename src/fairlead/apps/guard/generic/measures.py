"""A candidate in numbers, for the trained model: its signs, its make-up, its name, and the line before it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from fairlead.apps.guard.checks.randomness import bits_per_character
from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.features import SIGNS, features
from fairlead.apps.guard.generic.letters import Letters
from fairlead.apps.guard.generic.words import COMMON, names_password, parts_of, words_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEY_WORDS = _words("key keys apikey secret secrets token tokens salt signature")
LOGIN_WORDS = _words("auth authorization bearer credential credentials login session cookie jwt hmac webhook")
OTHER_WORDS = _words(
    "id ids uuid guid hash sha sha1 sha256 md5 digest checksum etag commit version name names file path url uri type "
    "field label prompt placeholder policy length size count limit regex pattern error message msg hint help title "
    "algorithm ref arn expiry ttl class format encoding env var dir method scheme mode source store provider endpoint "
    "index column public primary foreign partition sort cache row object map next page continuation max min num pad "
    "test example reset forgot show confirm invalid tokenizer fixture fake mock dummy sample"
)
SAMPLE_WORDS = _words(
    "test tests testing example sample dummy fake mock demo foo bar baz spam placeholder changeme your my here insert "
    "replace todo fixme redacted xxx xxxx some none null undefined invalid wrong bad"
)
LONGEST = 512
"""Characters of a value that are measured."""
_SPEAKS = re.compile(r"(?i)\b(?:is|are|was|be|ist|est|es|to|the|my|für|for)\b")
_REMARK = re.compile(r"^\s*(?:#|//|\*|--|;|%|<!--|\"\"\"|>>>)")
_TESTING = re.compile(r"(?i)test|assert|expect|mock|example|e\.g\.|sample|fixture|fake|dummy")
_TELLING = re.compile(r"(?i)print|log|echo|message|msg|error|raise|help|descri|title|label|text|warn|doc")
_WALKS = ("qwert", "asdf", "zxcv", "1qaz", "qaz", "1q2w", "12345", "zaq1", "azert", "98765", "abc123", "poiuy")
_SEPARATED = re.compile(r"(=>|:=|===?|!==?|->|[=:(,>]|\s)[\s\"'`brfu@$(\[]*$")
_SEPARATORS = {"=": 1.0, ":": 2.0, "(": 3.0, ",": 4.0, "=>": 5.0, ":=": 1.0, ">": 6.0, "==": 7.0, "===": 7.0, "->": 5.0}
_WITH_PASSWORD = re.compile(
    r"(?i)^[a-z][a-z0-9+.-]{1,20}://[^\s/:@]*:[^\s/@$<{%]{3,}@|(?:password|pwd)=[^;\s]{3,}(?:;|$)"
)
_HEX = frozenset("0123456789abcdefABCDEF")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")

NAMES = (
    *SIGNS,
    "length", "lower", "upper", "digits", "marks", "kinds of marks", "bits", "evenness", "kinds", "changes", "distinct",
    "letters", "worst letters", "share of words", "sample words", "longest word", "leet", "trailing digits", "walk",
    "hex", "base64", "hex length", "spaces", "beyond ASCII", "year", "login with password", "brackets", "begins with",
    "ends with", "capitals within", "underscores", "hyphens", "dots",
    "name given", "password's name", "key's name", "login's name", "another's name", "last word is another's",
    "name's words", "name's case", "words shared",
    "line given", "separator", "quote", "speaks", "remark", "testing", "telling", "in a URL", "line's length",
)  # fmt: skip


def measured(candidate: Candidate, letters: Letters) -> list[float]:
    """The numbers of a candidate, in the order of `NAMES`."""
    signs = features(candidate)
    value = candidate.value[:LONGEST]
    found = [signs.get(name, 0.0) for name in SIGNS]
    found += _make_up(value)
    found += _wording(value, letters)
    found += _shape(value)
    found += _naming(candidate)
    found += _line(candidate)
    return found


def _make_up(value: str) -> Iterator[float]:
    size = len(value) or 1
    lower = sum(map(str.islower, value))
    upper = sum(map(str.isupper, value))
    digits = sum(map(str.isdigit, value))
    marks = [char for char in value if not char.isalnum()]
    bits = bits_per_character(value)
    classes = [0 if char.islower() else 1 if char.isupper() else 2 if char.isdigit() else 3 for char in value]
    yield min(size, 200.0)
    yield lower / size
    yield upper / size
    yield digits / size
    yield len(marks) / size
    yield float(len(set(marks)))
    yield bits
    yield bits / math.log2(size) if size > 1 else 0.0
    yield float(len(set(classes)))
    yield sum(one != other for one, other in pairwise(classes)) / size
    yield len(set(value)) / size


def _wording(value: str, letters: Letters) -> Iterator[float]:
    words = parts_of(value)
    count = sum(map(len, words))
    average, worst = letters.bits(value)
    yield average
    yield worst
    yield sum(len(word) for word in words if word in COMMON) / count if count else 0.0
    yield float(sum(word in SAMPLE_WORDS for word in words))
    yield float(max(map(len, words), default=0))
    yield float(sum(
        before.isalpha() and char in "013457@$!" and after.isalpha()
        for before, char, after in zip(value, value[1:], value[2:], strict=False)
    ))  # fmt: skip
    yield float(len(value) - len(value.rstrip("0123456789")))
    lowered = value.lower()
    yield float(any(walk in lowered for walk in _WALKS))


def _shape(value: str) -> Iterator[float]:
    size = len(value)
    chars = set(value)
    is_hex = chars <= _HEX
    yield float(is_hex)
    yield float(chars <= _BASE64)
    yield float(is_hex and size in {32, 40, 48, 56, 64, 96, 128})
    yield float(sum(map(str.isspace, value)))
    yield sum(char > "\x7f" for char in value) / (size or 1)
    yield float("19" in value or "20" in value)
    yield float(_WITH_PASSWORD.search(value) is not None)
    yield float(sum(char in "()[]{}<>" for char in value))
    yield _edge(value[:1])
    yield _edge(value[-1:])
    yield float(sum(char.isupper() for char in value[1:]))
    yield float(value.count("_"))
    yield float(value.count("-"))
    yield float(value.count("."))


def _edge(char: str) -> float:
    """What a value begins or ends with: lower case, upper case, a digit, a mark of ends of sentences, another mark."""
    if char.isalnum():
        return 1.0 if char.islower() else 2.0 if char.isupper() else 3.0
    return 4.0 if char in ".,;:)]}" else 5.0


def _naming(candidate: Candidate) -> Iterator[float]:
    variable = candidate.variable
    words = words_of(variable)
    lowered = variable.lower()
    shared = set(words) & set(parts_of(candidate.value[:LONGEST]))
    yield float(bool(variable))
    yield float(names_password(variable))
    yield float(bool(KEY_WORDS.intersection(words)) or any(word in lowered for word in ("secret", "token", "apikey")))
    yield float(bool(LOGIN_WORDS.intersection(words)))
    yield float(len(OTHER_WORDS.intersection(words)))
    yield float(bool(words) and words[-1] in OTHER_WORDS)
    yield float(len(words))
    yield 0.0 if not variable else 1.0 if variable == variable.upper() else 2.0 if variable == lowered else 3.0
    yield float(len(shared))


def _line(candidate: Candidate) -> Iterator[float]:
    before = candidate.before
    separated = _SEPARATED.search(before)
    yield float(bool(before))
    yield _SEPARATORS.get(separated[1], 8.0) if separated else 0.0
    yield float(bool(candidate.quote))
    yield float(len(_SPEAKS.findall(before)))
    yield float(_REMARK.match(before) is not None)
    yield float(_TESTING.search(before) is not None)
    yield float(_TELLING.search(before) is not None)
    yield float("://" in before)
    yield float(min(len(before), 120))
