"""Errors as Anthropic writes them: `{"type": "error", "error": {"type", "message"}}` (Anthropic's page on errors)."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apps.hub.calls import Failure, FailureKind, Json, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.failing import excerpt, headers_of, kind_of, retry_after
from fairlead.apps.hub.shapes.fields import decoded, encoded

TYPES: dict[str, tuple[FailureKind, int]] = {
    "invalid_request_error": ("invalid", 400),
    "authentication_error": ("unauthorized", 401),
    "billing_error": ("rate limited", 402),
    "permission_error": ("forbidden", 403),
    "not_found_error": ("unknown", 404),
    "request_too_large": ("too large", 413),
    "rate_limit_error": ("rate limited", 429),
    "api_error": ("provider", 500),
    "timeout_error": ("timeout", 504),
    "overloaded_error": ("overloaded", 529),
}
"""Anthropic's types: our kind, and the status that a stream does not tell."""

WORDS: dict[FailureKind, str] = {
    "invalid": "invalid_request_error",
    "unauthorized": "authentication_error",
    "forbidden": "permission_error",
    "unknown": "not_found_error",
    "too large": "request_too_large",
    "rate limited": "rate_limit_error",
    "over budget": "billing_error",
    "overloaded": "overloaded_error",
    "provider": "api_error",
    "timeout": "timeout_error",
    "filtered": "invalid_request_error",
    "gone": "api_error",
}


def read_failure(status: int, headers: Headers, body: bytes) -> Failure:
    """A provider's error."""
    try:
        whole = decoded(body)
    except Unsayable:
        whole = None
    error = whole.get("error") if isinstance(whole, dict) else None
    if not isinstance(error, dict):
        return Failure(kind_of(status), excerpt(body), status, retry_after_s=retry_after(headers))
    return _failure(error, status, retry_after(headers), excerpt(body))


def read_error(error: object) -> Failure:
    """The error that an event of a stream tells."""
    if not isinstance(error, dict):
        return Failure("provider", "the provider's stream told an error without a reason", 500)
    _, status = TYPES.get(str(error.get("type")), ("provider", 500))
    return _failure(error, status, None, "the provider's stream told an error without a reason")


def _failure(error: Json, status: int, wait: float | None, otherwise: str) -> Failure:
    named, message = str(error.get("type")), error.get("message")
    kind = TYPES[named][0] if named in TYPES else kind_of(status)
    return Failure(
        kind=kind,
        message=message if isinstance(message, str) else otherwise,
        status=status,
        code=None if WORDS[kind] == named or "type" not in error else named,
        retry_after_s=wait,
    )


def error_of(failure: Failure) -> Json:
    """The object that says it. A code of another protocol has no place but the message."""
    code = f" ({failure.code})" if failure.code and failure.code not in TYPES else ""
    kind = failure.code if failure.code in TYPES else WORDS[failure.kind]
    return {"type": "error", "error": {"type": kind, "message": f"{failure.message}{code}"}}


def write_failure(failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body. A provider too busy is 529 here, which clients know to try again."""
    status = 529 if failure.kind == "overloaded" and failure.status == 503 else failure.status
    return status, headers_of(failure), encoded(error_of(failure))
