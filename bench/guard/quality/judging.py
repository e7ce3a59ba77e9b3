"""Precision, recall and false alarms, in all and by kind, with intervals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.figures import Row
from bench.guard.quality.seeing import Seen

Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """0 to 1; of nothing, 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, for a binomial share (Wilson 1927, J. Am. Stat. Assoc. 22)."""
        if not self.of:
            return 0.0, 1.0
        p, n = self.value, self.of
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f}-{high:.3f})" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one way of asking."""

    precision: Share
    recall: Share
    alarms: Share
    """Look-alikes that were taken for secrets."""
    elsewhere: int
    """Findings in text around, where nothing was put; they count against precision."""
    password_precision: Share
    password_recall: Share
    key_recall: Share
    issuer_recall: Share


def quality(seen: Sequence[Seen]) -> Quality:
    """Of all documents. Passwords are held against look-alikes that stand under a password's name."""
    secrets = [one for one in seen if one.document.secret]
    others = [one for one in seen if not one.document.secret]
    passwords = [one for one in secrets if one.document.subject.group == "password"]
    false = [one for one in others if one.hit]
    elsewhere = sum(one.false for one in seen)
    as_passwords = [one for one in false if "PASS" in one.document.name.upper() or "PWD" in one.document.name]
    hits, password_hits = _hits(secrets), _hits(passwords)
    return Quality(
        Share(hits, hits + len(false) + elsewhere),
        Share(hits, len(secrets)),
        Share(len(false), len(others)),
        elsewhere,
        Share(password_hits, password_hits + len(as_passwords) + sum(one.false for one in passwords)),
        Share(password_hits, len(passwords)),
        *(_recall(secrets, group) for group in ("key", "issuer")),
    )


def _recall(secrets: Sequence[Seen], group: str) -> Share:
    of = [one for one in secrets if one.document.subject.group == group]
    return Share(_hits(of), len(of))


def _hits(seen: Iterable[Seen]) -> int:
    return sum(one.hit for one in seen)


def row(name: str, found: Quality) -> Row:
    """For a table."""
    return {
        "by": name,
        "precision": str(found.precision),
        "recall": str(found.recall),
        "false alarms": str(found.alarms),
        "elsewhere": found.elsewhere,
        "passwords: precision": str(found.password_precision),
        "recall of them": str(found.password_recall),
        "keys": str(found.key_recall),
        "issuers' tokens": str(found.issuer_recall),
    }


def by(seen: Sequence[Seen], kind: Callable[[Seen], str]) -> dict[str, Share]:
    """The share that was reported, by kind, the lowest first."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[kind(one)].append(one)
    shares = {name: Share(_hits(group), len(group)) for name, group in groups.items()}
    return dict(sorted(shares.items(), key=lambda item: (item[1].value, item[0])))


def missed(found: Quality) -> list[str]:
    """The bars that were not reached."""
    bars = (
        ("precision", found.precision.value >= 0.93, found.precision),
        ("recall", found.recall.value >= 0.85, found.recall),
        ("false alarms", found.alarms.value <= 0.10, found.alarms),
        ("recall of passwords", found.password_recall.value >= 0.6, found.password_recall),
        ("precision of passwords", found.password_precision.value >= 0.8, found.password_precision),
    )
    return [f"{name}: {value}" for name, reached, value in bars if not reached]
