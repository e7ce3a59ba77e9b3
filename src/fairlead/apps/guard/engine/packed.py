"""A rule as it is kept on disk beside the automaton: all that a scan needs, nothing that has to be parsed again."""

from __future__ import annotations

import math

import msgspec

from fairlead.apps.guard.checks import Check, made
from fairlead.apps.guard.engine.filters import Filters
from fairlead.apps.guard.engine.plan import Plan, planned
from fairlead.apps.guard.findings import Severity
from fairlead.apps.guard.patterns.reading import read
from fairlead.apps.guard.patterns.tree import Node, groups_in
from fairlead.apps.guard.rules.model import Allowed, Rule


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A rule and its plan."""

    id: str
    kind: str
    severity: Severity
    issuer: str
    keywords: tuple[str, ...]
    checks: tuple[tuple[str, str | float | bool | tuple[int, ...]], ...]
    generic: bool
    plan: Plan
    path: str = ""
    allowed: tuple[Allowed, ...] = ()

    def made_checks(self) -> tuple[Check, ...]:
        return tuple(made(name, list(given) if isinstance(given, tuple) else given) for name, given in self.checks)

    def made_filters(self) -> Filters | None:
        return Filters(self.path, self.allowed) if self.path or self.allowed else None


def entry_of(rule: Rule, largest: float = math.inf) -> Entry:
    """A rule, prepared, with a trigger that names at most `largest` bytes. Raises `PatternError`."""
    tree = read(rule.pattern)
    return Entry(
        id=rule.id,
        kind=rule.kind,
        severity=rule.severity,
        issuer=rule.issuer,
        keywords=rule.keywords,
        checks=tuple((check.kind.name, check.parameter) for check in rule.checks),
        generic=rule.generic,
        plan=planned(tree, rule.secret or _named(tree), largest),
        path=rule.path,
        allowed=rule.allowed,
    )


def _named(tree: Node) -> tuple[int, ...]:
    return tuple(group.number for group in groups_in(tree) if group.name == "secret")
