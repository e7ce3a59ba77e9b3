"""Errors as Cohere writes them: `{"message"}`, and the status (Cohere's page on errors)."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.apps.hub.calls import Failure, Unsayable
from fairlead.apps.hub.shapes import Headers
from fairlead.apps.hub.shapes.failing import excerpt, headers_of, kind_of, retry_after
from fairlead.apps.hub.shapes.fields import decoded, encoded


def read_failure(status: int, headers: Headers, body: bytes) -> Failure:
    """A provider's error."""
    try:
        error = decoded(body)
    except Unsayable:
        error = None
    message = error.get("message") if isinstance(error, dict) else None
    said = message if isinstance(message, str) else excerpt(body)
    return Failure(kind_of(status), said, status, retry_after_s=retry_after(headers))


def text_of(failure: Failure) -> str:
    """Its message; a code of another protocol has no place but that."""
    return failure.message if failure.code is None else f"{failure.message} ({failure.code})"


def write_failure(failure: Failure) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body."""
    return failure.status, headers_of(failure), encoded({"message": text_of(failure)})
