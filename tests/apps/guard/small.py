"""A few rules of every shape that a pattern can have for a stream, quick to build, and texts that are full of them."""

from __future__ import annotations

import string
from collections.abc import Mapping

from hypothesis import strategies as st

from fairlead.apps.guard.engine.pack import Pack, packed
from fairlead.apps.guard.findings import Severity
from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.rules.model import Rule

SHAPES = {
    "prefix": r"\bab_[a-z]{4}\b",
    "open-ended": r"\bcd-[a-z0-9]{3,}",
    "greedy-then-end": r"ef[a-z]{2,6}g(?:[^a-z]|$)",
    "context": r"key[\w.]{0,4}\s?[=:]\s?(?P<secret>[a-z0-9]{4,8})\b",
    "quoted": r"""(?i)pass\w{0,3}["']?\s{0,2}[:=]\s{0,2}["'](?P<secret>[^"'\s]{3,12})["']""",
    "lazy-gap": r"srv=[^;\n]{0,12}?;[^\n]{0,9}?pw=(?P<secret>[^;\s]{2,7})(?:[;\s]|$)",
    "greedy-gap": r"host [^\n]{0,10}@(?P<secret>[a-z]{2,5})!",
    "digits-first": r"\b[0-9]{3,5}:zz[a-z]{3}\b",
    "class-first": r"(?:\A|[^a-z0-9])(?P<secret>[xyz][a-z]{3,5}\.[0-9]{3})",
    "two-lines": r"-BEGIN-[a-z\s]{3,}?-END-",
    "marker-alone": r"-OPEN-[a-z]{2,}",
    "several": r"(?:left=([a-z]{3})|right=([0-9]{3}))\b",
    "bundled-colon": r"name\w{0,3}: (?P<secret>[a-z]{3,6})\b",
    "bundled-equals": r"name\w{0,3}\s?=(?P<secret>[a-z0-9]{3,6})(?:[^a-z0-9]|$)",
    "line": r"(?m)^secret (?P<secret>[a-z]{3,9})$",
}


class Everything:
    """A scorer that takes every candidate for a secret."""

    threshold = 0.5
    information: Mapping[str, float] = {}

    def score(self, candidate: Candidate) -> float:
        return 0.9 if candidate.value else 0.0

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        return ("a candidate",) if candidate.value else ()


def rules() -> list[Rule]:
    """One rule for each shape; those with quotes and gaps only find candidates."""
    severity: Severity = "high"
    return [
        Rule(name, name, severity, pattern, generic=name in ("quoted", "context")) for name, pattern in SHAPES.items()
    ]


def small_pack() -> Pack:
    return Pack(packed(rules()), Everything())


_PIECES = (
    *("ab_", "cd-", "ef", "g", "key", "pass", "srv=", ";", "pw=", "host ", "@", "!", "zz", ":", "xyz", ".", "-BEGIN-"),
    *(
        "-END-",
        "-OPEN-",
        "left=",
        "right=",
        "secret ",
        "name",
        ": ",
        "\n",
        " ",
        '"',
        "'",
        "=",
        "abcd",
        "wxyz",
        "123",
        "12345",
        "-",
    ),
    *("ab_abcd ", "cd-a1b2c3", "key=abcd1", 'pass: "x!y"', "srv=a;b pw=cc;", "1234:zzabc", "ä", "€", "😀"),
)
texts = st.lists(
    st.one_of(st.sampled_from(_PIECES), st.text(string.ascii_lowercase + string.digits, max_size=6)), max_size=14
).map("".join)
"""Texts in which secrets, halves of secrets and other things stand next to each other."""

EXAMPLES = {
    "prefix": "see ab_wxyz.",
    "open-ended": "(cd-a1b2c3d4)",
    "greedy-then-end": " efabcg, efxyzgg!",
    "context": "key.id = a1b2c3 ",
    "quoted": "PASSWD: 'x!y#z' ",
    "lazy-gap": "srv=ab;c pw=dd1;x",
    "greedy-gap": "host a@bcd!@ef! ",
    "digits-first": " 1234:zzabc-",
    "class-first": " xabc.123 yzzz.999",
    "two-lines": "x-BEGIN-abc\ndef-END-",
    "marker-alone": "a-OPEN-abc ",
    "several": " left=abc right=123 ",
    "bundled-colon": "name name_a: abc ",
    "bundled-equals": "name=name= abc1,names =abcd2-",
    "line": "a\nsecret hunter\nb",
}
"""A text for each shape with a secret of it."""
