"""Which rule a request from outside falls under: the narrowest host that has one, and there the longest path."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.engine.router import Rule


def match(rules: Iterable[Rule], host: str, path: str) -> Rule | None:
    """The rule for a request; `None` when nothing is exposed there."""
    fitting = [rule for rule in rules if covers(rule.host, host) and under(prefix(rule.path), path)]
    return min(fitting, key=precedence, default=None)


def covers(pattern: str, host: str) -> bool:
    """Whether a host, or every host of a wildcard, falls under a pattern."""
    if pattern in ("*", host):
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:]) and host != pattern


def under(prefix: str, path: str) -> bool:
    """Whether a path is under a prefix, by whole segments."""
    return path == prefix or path.startswith(f"{prefix}/")


def prefix(path: str) -> str:
    """A path prefix without its closing slash; empty for the root."""
    return path.rstrip("/")


def precedence(rule: Rule) -> tuple[bool, bool, int, int]:
    """Sorts rules so that the first that fits is the one meant: exact hosts, longer wildcards, longer paths."""
    return (rule.host == "*", rule.host.startswith("*"), -len(rule.host), -len(prefix(rule.path)))
