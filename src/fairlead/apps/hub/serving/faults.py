"""What a failed attempt means: for the key that was used, for whoever may be asked next, and for the client."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from fairlead.apps.hub.calls import Failure, FailureKind, Operation, Unsayable
from fairlead.apps.hub.routes.breaker import Breaker
from fairlead.apps.hub.routes.targets import Way
from fairlead.apps.hub.shapes import Headers, Shape

RESTS: frozenset[FailureKind] = frozenset({"rate limited", "unauthorized", "forbidden"})
"""The key is left alone for a while: the provider works, but not for it."""

BREAKS: frozenset[FailureKind] = frozenset({"overloaded", "provider", "timeout"})

ELSEWHERE = RESTS | BREAKS
"""Somebody else may do better; any other failure is the request's own, and everybody would say the same."""

OURS: frozenset[FailureKind] = frozenset({"unauthorized", "forbidden"})
"""Between the hub and the provider: a client that was told so would look for the fault in its own key."""

OBJECTS: frozenset[Operation] = frozenset({"chat", "completion", "embedding", "rerank", "count", "moderation"})
"""Operations whose whole answers are JSON objects in every protocol."""

LONGEST_REST_S = 3600.0
"""After which a key is tried again whatever its provider said: a wrong `Retry-After` must not end it for good."""


class _Answer(msgspec.Struct):
    error: dict[str, Any] | None = None


_ANSWER = msgspec.json.Decoder(_Answer)


def noted(breaker: Breaker, failure: Failure, now: float) -> None:
    """The key's breaker learns of it."""
    if failure.kind in RESTS:
        breaker.rest(now, _rest_s(failure))
    elif failure.kind in BREAKS:
        breaker.failed(now)
        if failure.retry_after_s:
            breaker.rest(now, _rest_s(failure))
    else:
        breaker.succeeded(now)


def told(failure: Failure) -> Failure:
    """As the client is told."""
    if failure.kind in OURS and failure.provider is not None:
        message = f"{failure.provider} refused the hub: its key, or what it may do"
        return Failure("provider", message, 502, provider=failure.provider)
    return failure


def by(provider: str, failure: Failure) -> Failure:
    """The same, with who it came from. A redirect, or a status that there is not, says nothing to a client."""
    status = failure.status if 400 <= failure.status < 600 else 502
    return failure if failure.provider is not None else replace(failure, provider=provider, status=status)


def broken(provider: str, why: str) -> Failure:
    """A provider that gave no answer, or not all of one."""
    return Failure("provider", f"{provider}: {why}", 502, provider=provider)


def hidden(operation: Operation, shape: Shape, headers: Headers, body: bytes) -> Failure | None:
    """The error that is told with the status 200, in an answer without usage. Raises `Unsayable` for one that is none:
    not JSON, not all of it, or compressed."""
    if encoded(headers):
        raise Unsayable("it is compressed, which was not asked for")
    if operation not in OBJECTS:
        return None
    try:
        error = _ANSWER.decode(body).error
    except (msgspec.MsgspecError, RecursionError) as why:
        raise Unsayable(str(why)) from None
    if not error:
        return None
    code = error.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 502
    return shape.read_failure(status, headers, body)


def encoded(headers: Headers) -> bool:
    """Whether a body is compressed, which it was asked not to be."""
    return headers.get(b"content-encoding", b"identity").lower() != b"identity"


def late(provider: str, what: str, seconds: float) -> Failure:
    """A provider that took too long."""
    return Failure("timeout", f"{provider}: {what} within {seconds:g} s", 504, provider=provider)


def nobody(first: tuple[float, Way] | None, now: float) -> Failure:
    """Nobody can be asked now; with when the first of them can be."""
    wait = None if first is None else max(0.0, first[0] - now)
    message = "no provider of this model can be asked now"
    return Failure("overloaded", message, 503, code="no_provider", retry_after_s=wait)


def _rest_s(failure: Failure) -> float | None:
    return None if failure.retry_after_s is None else min(failure.retry_after_s, LONGEST_REST_S)
