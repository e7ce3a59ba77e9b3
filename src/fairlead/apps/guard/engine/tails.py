"""One pattern for what a stream may not let out yet: the beginnings of all literals that secrets begin with.

The literals share their beginnings, so they are written as a tree: a fifth of the size, and of the time to compile it.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.apps.guard.engine.plan import Plan

Branches = dict[str, "Branches"]
"""What may come next, byte set by byte set, each written as a pattern."""

NOTHING = r"[^\x00-\xff]"
"""A pattern that matches nowhere."""


def tail_of(plans: Iterable[Plan]) -> str:
    """Matches from where a secret may be under way at the end of a text to that end."""
    others: dict[str, None] = {}
    roots: dict[str, Branches] = {}
    for plan in plans:
        if plan.head:
            _grow(roots.setdefault(plan.head_place, {}), plan.head[:-1])
        elif plan.tail:
            others[plan.tail] = None
    trees = [place + _written(branches) for place, branches in roots.items() if branches]
    return f"(?:{'|'.join((*trees, *others)) or NOTHING})\\z"


def _grow(branches: Branches, path: Iterable[str]) -> None:
    for step in path:
        branches = branches.setdefault(step, {})


def _written(branches: Branches) -> str:
    """One step of any branch, and perhaps what follows it there."""
    return f"(?:{'|'.join(step + (_written(rest) + '?' if rest else '') for step, rest in branches.items())})"
