"""What a failed attempt means: for the key that was used, for whoever may be asked next, and for the client."""

from __future__ import annotations

from dataclasses import replace

from fairlead.apps.hub.calls import Failure, FailureKind
from fairlead.apps.hub.routes.breaker import Breaker
from fairlead.apps.hub.routes.targets import Way

RESTS: frozenset[FailureKind] = frozenset({"rate limited", "unauthorized", "forbidden"})
"""The key is left alone for a while: the provider works, but not for it."""

BREAKS: frozenset[FailureKind] = frozenset({"overloaded", "provider", "timeout"})

ELSEWHERE = RESTS | BREAKS
"""Somebody else may do better; any other failure is the request's own, and everybody would say the same."""

OURS: frozenset[FailureKind] = frozenset({"unauthorized", "forbidden"})
"""Between the hub and the provider: a client that was told so would look for the fault in its own key."""


def noted(breaker: Breaker, failure: Failure, now: float) -> None:
    """The key's breaker learns of it."""
    if failure.kind in RESTS:
        breaker.rest(now, failure.retry_after_s)
    elif failure.kind in BREAKS:
        breaker.failed(now)
        if failure.retry_after_s:
            breaker.rest(now, failure.retry_after_s)
    else:
        breaker.succeeded(now)


def told(failure: Failure) -> Failure:
    """As the client is told."""
    if failure.kind in OURS and failure.provider is not None:
        message = f"{failure.provider} refused the hub: its key, or what it may do"
        return Failure("provider", message, 502, provider=failure.provider)
    return failure


def by(provider: str, failure: Failure) -> Failure:
    """The same, with who it came from."""
    return failure if failure.provider is not None else replace(failure, provider=provider)


def broken(provider: str, why: str) -> Failure:
    """A provider that gave no answer, or not all of one."""
    return Failure("provider", f"{provider}: {why}", 502, provider=provider)


def late(provider: str, what: str, seconds: float) -> Failure:
    """A provider that took too long."""
    return Failure("timeout", f"{provider}: {what} within {seconds:g} s", 504, provider=provider)


def nobody(first: tuple[float, Way] | None, now: float) -> Failure:
    """Nobody can be asked now; with when the first of them can be."""
    wait = None if first is None else max(0.0, first[0] - now)
    message = "no provider of this model can be asked now"
    return Failure("overloaded", message, 503, code="no_provider", retry_after_s=wait)
