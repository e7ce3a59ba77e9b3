"""One request to the administration, read and checked, and why it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from fairlead.apps.hub.accounts.issuing import told
from fairlead.apps.hub.wire.exchange import Exchange

MOST_BYTES = 256 * 1024
"""Of a body: a key with thousands of models has less."""


class Form(BaseModel):
    """A part of a request or an answer; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Refused(Exception):
    """Why there is no answer, for the client: what is wrong, every problem of it, and what to do."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        problems: Sequence[str] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.problems = tuple(problems)
        self.retry_after_s = retry_after_s

    def body(self) -> bytes:
        """As JSON."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        error |= {"hint": self.hint} if self.hint else {}
        error |= {"problems": list(self.problems)} if self.problems else {}
        return json.dumps({"error": error}, indent=2, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an endpoint is asked."""

    names: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path."""
    query: Any = None
    """A `Form`, as the endpoint declares it."""
    body: Mapping[str, Any] = field(default_factory=dict)


def queried(exchange: Exchange, form: type[Form] | None) -> Form | None:
    """What stands behind the `?`. Raises `Refused`, with every problem."""
    pairs = parse_qsl(exchange.query.decode("latin-1"), keep_blank_values=True)
    given: dict[str, Any] = dict(pairs)
    if len(given) != len(pairs):
        raise Refused(400, "invalid_query", "a parameter is given twice")
    if form is None:
        if given:
            raise Refused(400, "invalid_query", f"this takes no parameters, got {', '.join(sorted(given))}")
        return None
    try:
        return form.model_validate(given)
    except ValidationError as error:
        takes = ", ".join(form.model_fields)
        raise Refused(
            400, "invalid_query", "the parameters are wrong", problems=told(error), hint=f"it takes {takes}"
        ) from None


def bodied(exchange: Exchange, form: type[Form] | None) -> Mapping[str, Any]:
    """A body as JSON; what its fields may be is for the endpoint to say. Raises `Refused`.

    Its type has to be said: a page in a browser can't send JSON to another host without asking it first.
    """
    if form is None:
        if exchange.body.strip():
            raise Refused(400, "invalid_body", "this takes no body")
        return {}
    if len(exchange.body) > MOST_BYTES:
        raise Refused(413, "body_too_large", f"the body has {len(exchange.body)} bytes, the most is {MOST_BYTES}")
    if exchange.body and not exchange.headers.get(b"content-type", b"").startswith(b"application/json"):
        raise Refused(415, "not_json", "the body has to be JSON", hint="send `content-type: application/json`")
    return _object(exchange.body or b"{}")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "invalid_json", f"the body is not valid JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused(400, "invalid_json", f"expected a JSON object, got {type(found).__name__}")
    return found
