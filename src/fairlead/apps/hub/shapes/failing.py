"""Failures in the words that HTTP has for all protocols: kinds by status, and when to try again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from fairlead.apps.hub.calls import Failure, FailureKind
from fairlead.apps.hub.shapes import Headers

KINDS: dict[int, FailureKind] = {
    400: "invalid",
    401: "unauthorized",
    402: "rate limited",
    403: "forbidden",
    404: "unknown",
    408: "timeout",
    413: "too large",
    422: "invalid",
    429: "rate limited",
    498: "unauthorized",
    499: "gone",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}
"""402 is the account of the hub at the provider, not the budget of a client: it is tried elsewhere, as after a 429."""


def kind_of(status: int) -> FailureKind:
    """What a status that names no error of its own means."""
    return KINDS.get(status, "invalid" if 400 <= status < 500 else "provider")


def retry_after(headers: Headers) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3; milliseconds as OpenAI and Azure say them).

    A date counts from the answer's own `Date`.
    """
    for name, factor in ((b"retry-after-ms", 0.001), (b"retry-after", 1.0)):
        if (value := headers.get(name)) is not None:
            seconds = _seconds(value, factor)
            return _until(value, headers.get(b"date")) if seconds is None else seconds
    return None


def headers_of(failure: Failure) -> Mapping[str, str]:
    """The headers of an error."""
    headers = {"content-type": "application/json"}
    if failure.retry_after_s is not None:
        headers["retry-after"] = str(max(0, math.ceil(failure.retry_after_s)))
    return headers


def excerpt(body: bytes) -> str:
    """An error that is not in the protocol's form, cut short."""
    return body[:300].decode(errors="replace").strip() or "no reason was given"


def _seconds(value: bytes, factor: float) -> float | None:
    try:
        seconds = float(value) * factor
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(value: bytes, date: bytes | None) -> float | None:
    then, now = _date(value), _date(date or b"")
    return max(0.0, (then - now).total_seconds()) if then and now else None


def _date(value: bytes) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
