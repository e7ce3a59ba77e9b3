"""What AWS's protocols share: errors, in answers and in the messages of streams.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html and the errors of Converse.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apps.hub.calls import Failure, FailureKind, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.failing import excerpt, kind_of, retry_after
from fairlead.apps.hub.shapes.fields import decoded

ERRORS: dict[str, tuple[FailureKind, int]] = {
    "ThrottlingException": ("rate limited", 429),
    "ServiceQuotaExceededException": ("rate limited", 429),
    "ModelNotReadyException": ("overloaded", 503),
    "ServiceUnavailableException": ("overloaded", 503),
    "ModelTimeoutException": ("timeout", 504),
    "AccessDeniedException": ("forbidden", 403),
    "UnrecognizedClientException": ("unauthorized", 401),
    "ExpiredTokenException": ("unauthorized", 401),
    "InvalidSignatureException": ("unauthorized", 401),
    "ResourceNotFoundException": ("unknown", 404),
    "ValidationException": ("invalid", 400),
    "InternalServerException": ("provider", 500),
    "ModelErrorException": ("provider", 502),
    "ModelStreamErrorException": ("provider", 502),
}
"""By the names of errors, which say more than their status (400 for a quota, 403 for a signature)."""


def read_failure(status: int, headers: Headers, body: bytes) -> Failure:
    """An error: its name in a header, its message in the body."""
    named = headers.get(b"x-amzn-errortype", b"").decode("latin-1").partition(":")[0]
    kind, _ = ERRORS.get(named, (kind_of(status), status))
    return Failure(kind, _message(body), status, code=named or None, retry_after_s=retry_after(headers))


def read_exception(headers: Mapping[str, str], payload: bytes) -> Failure | None:
    """The error that a message of a stream tells; `None` for one that tells none."""
    if headers.get(":message-type") not in ("exception", "error"):
        return None
    named = headers.get(":exception-type") or headers.get(":error-code") or ""
    named = named[:1].upper() + named[1:]
    kind, status = ERRORS.get(named, ("provider", 502))
    return Failure(kind, headers.get(":error-message") or _message(payload), status, code=named or None)


def _message(body: bytes) -> str:
    try:
        told = decoded(body)
    except Unsayable:
        return excerpt(body)
    message = (told.get("message") or told.get("Message")) if isinstance(told, dict) else None
    return message if isinstance(message, str) else excerpt(body)
