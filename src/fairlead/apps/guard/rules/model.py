"""A rule: what one kind of secret looks like, how bad it is, and what a match has to pass to be one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fairlead.apps.guard.checks import Check
from fairlead.apps.guard.findings import Severity
from fairlead.errors import FairleadError, Problem

Example = tuple[str, str]
"""A text in two halves, so that no file holds a whole secret."""


class RulesError(FairleadError):
    """Rule files are wrong; carries every problem of each of them."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a match is not reported for: patterns over the secret, the match or its line, words, paths."""

    regexes: tuple[str, ...] = ()
    target: str = "secret"
    """What the patterns look at: `secret`, `match` or `line`."""
    stopwords: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    every: bool = False
    """Whether all of these have to fit, and not any of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret. `id` is the name of a finding's rule."""

    id: str
    kind: str
    severity: Severity
    pattern: str
    """In the syntax that RE2 and Hyperscan share; `(?P<secret>…)` when the secret is a part of it."""
    keywords: tuple[str, ...] = ()
    """Lower-case words of which one stands in each match or before it in its line."""
    checks: tuple[Check, ...] = ()
    issuer: str = ""
    source: str = ""
    """Where the issuer says what its tokens look like."""
    yes: tuple[Example, ...] = ()
    no: tuple[Example, ...] = ()
    note: str = ""
    secret: tuple[int, ...] = ()
    """Which groups may hold the secret, the first that does counts; empty: the one called `secret`, or the match."""
    path: str = ""
    """A pattern that a file's path has to fit (rule files of others)."""
    allowed: tuple[Allowed, ...] = ()
    generic: bool = False
    """Whether it only finds candidates, which a scorer judges."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one or several files, and what of the files could not be used."""

    rules: tuple[Rule, ...]
    left_out: tuple[Problem, ...] = field(default=())
