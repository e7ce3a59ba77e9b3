"""Errors as OpenAI writes them: `{"error": {"message", "type", "param", "code"}}` (OpenAI's guide to error codes).

A code of OpenAI's is kept; it says more than the status (`context_length_exceeded`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apps.hub.calls import Failure, FailureKind, Json, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.failing import excerpt, headers_of, kind_of, retry_after
from fairlead.apps.hub.shapes.fields import decoded, encoded

WORDS: dict[FailureKind, tuple[str, str | None]] = {
    "invalid": ("invalid_request_error", None),
    "unauthorized": ("invalid_request_error", "invalid_api_key"),
    "forbidden": ("invalid_request_error", "permission_denied"),
    "unknown": ("invalid_request_error", "model_not_found"),
    "too large": ("invalid_request_error", "request_too_large"),
    "rate limited": ("rate_limit_error", "rate_limit_exceeded"),
    "over budget": ("insufficient_quota", "insufficient_quota"),
    "overloaded": ("server_error", "server_overloaded"),
    "provider": ("server_error", "server_error"),
    "timeout": ("server_error", "timeout"),
    "filtered": ("invalid_request_error", "content_filter"),
    "gone": ("invalid_request_error", "request_cancelled"),
}
"""Our kinds: their `type`, and their `code` where the failure has none of its own."""

CODES: dict[str, FailureKind] = {
    "content_filter": "filtered",
    "content_policy_violation": "filtered",
    "invalid_api_key": "unauthorized",
    "model_not_found": "unknown",
    "rate_limit_exceeded": "rate limited",
    "insufficient_quota": "rate limited",
    "server_error": "provider",
    "server_overloaded": "overloaded",
    "timeout": "timeout",
    "request_too_large": "too large",
    "invalid_prompt": "invalid",
}
"""What a code means whatever the status; a stream has no other."""

STATUSES: dict[FailureKind, int] = {
    "invalid": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "unknown": 404,
    "too large": 413,
    "rate limited": 429,
    "over budget": 429,
    "overloaded": 503,
    "provider": 500,
    "timeout": 504,
    "filtered": 400,
    "gone": 499,
}
"""Of a failure that a stream tells."""


def read_failure(status: int, headers: Headers, body: bytes) -> Failure:
    """A provider's error. Some write `{"message"}` or `{"detail"}` without `error`, or a text."""
    try:
        error = decoded(body)
    except Unsayable:
        return Failure(kind_of(status), excerpt(body), status, retry_after_s=retry_after(headers))
    found = error.get("error", error) if isinstance(error, dict) else error
    return _failure(found, status, retry_after(headers), excerpt(body))


def read_error(error: object) -> Failure:
    """The error that an event of a stream tells; its code says what kind it is."""
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else STATUSES[CODES.get(str(code), "provider")]
    return _failure(error, status, None, "the provider's stream told an error without a reason")


def _failure(error: object, status: int, wait: float | None, otherwise: str) -> Failure:
    if not isinstance(error, dict):
        return Failure(kind_of(status), error if isinstance(error, str) else otherwise, status, retry_after_s=wait)
    code, param = error.get("code") or error.get("type"), error.get("param")
    message = error.get("message") or error.get("detail")
    kind = CODES.get(str(code)) or CODES.get(str(error.get("type"))) or kind_of(status)
    return Failure(
        kind=kind,
        message=message if isinstance(message, str) else otherwise,
        status=status,
        code=_code(code, kind),
        param=param if isinstance(param, str) else None,
        retry_after_s=wait,
    )


def _code(code: object, kind: FailureKind) -> str | None:
    """The code, unless it is the one that its kind is written with."""
    return code if isinstance(code, str) and code not in WORDS[kind] else None


def error_of(failure: Failure) -> Json:
    """The object that says it."""
    kind, code = WORDS[failure.kind]
    return {"message": failure.message, "type": kind, "param": failure.param, "code": failure.code or code}


def write_failure(failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body."""
    return failure.status, headers_of(failure), encoded({"error": error_of(failure)})
