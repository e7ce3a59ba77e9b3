"""Errors as Google writes them: `{"error": {"code", "message", "status", "details"}}` (google.rpc.Status in JSON)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fairlead.apps.hub.calls import Failure, FailureKind, Json, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.failing import excerpt, headers_of, kind_of, retry_after
from fairlead.apps.hub.shapes.fields import decoded, encoded

STATUSES: dict[str, FailureKind] = {
    "INVALID_ARGUMENT": "invalid",
    "FAILED_PRECONDITION": "invalid",
    "OUT_OF_RANGE": "invalid",
    "UNAUTHENTICATED": "unauthorized",
    "PERMISSION_DENIED": "forbidden",
    "NOT_FOUND": "unknown",
    "RESOURCE_EXHAUSTED": "rate limited",
    "CANCELLED": "gone",
    "INTERNAL": "provider",
    "UNKNOWN": "provider",
    "UNAVAILABLE": "overloaded",
    "DEADLINE_EXCEEDED": "timeout",
}
"""Google's canonical codes."""

WORDS: dict[FailureKind, str] = {
    "invalid": "INVALID_ARGUMENT",
    "unauthorized": "UNAUTHENTICATED",
    "forbidden": "PERMISSION_DENIED",
    "unknown": "NOT_FOUND",
    "too large": "INVALID_ARGUMENT",
    "rate limited": "RESOURCE_EXHAUSTED",
    "over budget": "RESOURCE_EXHAUSTED",
    "overloaded": "UNAVAILABLE",
    "provider": "INTERNAL",
    "timeout": "DEADLINE_EXCEEDED",
    "filtered": "INVALID_ARGUMENT",
    "gone": "CANCELLED",
}
RETRY, INFO = "type.googleapis.com/google.rpc.RetryInfo", "type.googleapis.com/google.rpc.ErrorInfo"


def read_failure(status: int, headers: Headers, body: bytes) -> Failure:
    """A provider's error; where a stream was asked for as an array, it is in one."""
    try:
        whole = decoded(body)
    except Unsayable:
        whole = None
    whole = whole[0] if isinstance(whole, list) and whole else whole
    error = whole.get("error") if isinstance(whole, dict) else None
    if not isinstance(error, dict):
        return Failure(kind_of(status), excerpt(body), status, retry_after_s=retry_after(headers))
    return _failure(error, status, retry_after(headers))


def read_error(error: object) -> Failure:
    """The error that a stream tells."""
    if not isinstance(error, dict):
        return Failure("provider", "the provider's stream told an error without a reason", 500)
    code = error.get("code")
    return _failure(error, code if isinstance(code, int) and 400 <= code < 600 else 500, None)


def _failure(error: Json, status: int, wait: float | None) -> Failure:
    named, message, details = error.get("status"), error.get("message"), error.get("details")
    found = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    kind = STATUSES.get(str(named)) or kind_of(status)
    reason = next((one.get("reason") for one in found if one.get("@type") == INFO), None)
    if reason == "API_KEY_INVALID":
        kind = "unauthorized"
    delay = next((one.get("retryDelay") for one in found if one.get("@type") == RETRY), None)
    return Failure(
        kind=kind,
        message=message if isinstance(message, str) else "no reason was given",
        status=status,
        code=reason if isinstance(reason, str) else None,
        retry_after_s=wait if wait is not None else _seconds(delay),
    )


def _seconds(delay: object) -> float | None:
    """A duration of ProtoJSON: `34.07s`."""
    try:
        seconds = float(delay.removesuffix("s")) if isinstance(delay, str) else math.nan
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def error_of(failure: Failure) -> Json:
    """The object that says it."""
    error: Json = {"code": failure.status, "message": failure.message, "status": WORDS[failure.kind]}
    details: list[Json] = []
    if failure.code is not None:
        details.append({"@type": INFO, "reason": failure.code, "domain": "fairlead"})
    if failure.retry_after_s is not None:
        details.append({"@type": RETRY, "retryDelay": f"{failure.retry_after_s:g}s"})
    return {"error": error | ({"details": details} if details else {})}


def write_failure(failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body."""
    return failure.status, headers_of(failure), encoded(error_of(failure))
