"""What is said about secrets that were found: to the client, and to those who count. Never the secret."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from fairlead.apps.guard.findings import Finding
from fairlead.apps.hub.calls import Failure
from fairlead.apps.hub.config import GuardPolicy
from fairlead.apps.hub.serving.seams import Found

Side = Literal["prompt", "answer"]
Action = Literal["flag", "redact", "block"]

Unseen = Callable[[Side, bool], None]
"""Told that nobody could look a prompt or an answer through, and whether it passed all the same."""

HEADER = b"x-fairlead-guard"
MOST_KINDS = 5
"""That are named to the client."""

SHOWN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
"""What a rule's name in a header may consist of."""


def found(side: Side, action: Action, findings: Sequence[Finding]) -> tuple[Found, ...]:
    """What is told of them."""
    return tuple(Found(side, one.rule, one.severity, action) for one in findings)


def blocked(side: Side, findings: Sequence[Finding], places: Sequence[str] = ()) -> Failure:
    """What the client gets instead."""
    kinds = list(dict.fromkeys(one.kind for one in findings))
    shown = ", ".join(kinds[:MOST_KINDS]) + (f" and {len(kinds) - MOST_KINDS} more" if len(kinds) > MOST_KINDS else "")
    where = f" in {', '.join(list(dict.fromkeys(places))[:MOST_KINDS])}" if places else ""
    message = f"blocked: the {side} holds what looks like a secret{where[:300]}: {shown[:300]}"
    return Failure("filtered", message, 400, code="secret_found")


def unseen(side: Side) -> Failure:
    """The guard is away, and the route does not do without."""
    message = f"the guard can't be asked now, and this route lets no {side} pass without it"
    return Failure("overloaded", message, 503, code="guard_unavailable", retry_after_s=1.0)


def allows(policy: GuardPolicy, action: str) -> bool:
    """Whether a call goes on while nobody can be asked."""
    return policy.when_down == "allow" or (policy.when_down is None and action == "flag")


def line(seen: Sequence[Found], unasked: Sequence[Side] = ()) -> bytes:
    """The header that tells of them, after a line end; empty without any."""
    items = [f"{side};unseen" for side in dict.fromkeys(unasked)]
    for side, action in dict.fromkeys((one.side, one.action) for one in seen):
        rules = dict.fromkeys(one.rule for one in seen if (one.side, one.action) == (side, action))
        named = " ".join("".join(sign for sign in rule if sign in SHOWN) for rule in list(rules)[:MOST_KINDS])
        items.append(f'{side};action={action};rules="{named}"')
    return b"\r\n%b: %b" % (HEADER, ", ".join(items).encode()) if items else b""
