"""How a question comes in and an answer goes out, and what is said when it can't be."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from fairlead.apps.guard.service.state import Service

T = TypeVar("T")

JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """Why a question is not answered. Its words hold nothing of the question."""

    def __init__(
        self, status: int, code: str, message: str, *, hint: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after_s = retry_after_s

    def answer(self) -> Response:
        """As JSON."""
        said: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.hint:
            said["hint"] = self.hint
        answer = Response(_encode({"error": said}), self.status, media_type=JSON)
        if self.retry_after_s is not None:
            answer.headers["retry-after"] = str(max(1, round(self.retry_after_s + 0.5)))
        if self.status == 401:
            answer.headers["www-authenticate"] = "X-API-KEY"
        return answer


class Body(msgspec.Struct):
    """An empty one."""


async def asked(service: Service, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The body of a question. Raises `Refused`."""
    data = await _body(service, request)
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refused(422, "wrong_body", f"the body does not fit: {_words(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused(400, "not_json", "the body is not JSON in UTF-8") from None


def answer(said: Any, status: int = 200) -> Response:
    """As JSON."""
    try:
        data = _encode(said)
    except UnicodeEncodeError:  # half a character of UTF-16
        raise Refused(422, "not_text", "the text has characters that are none") from None
    return Response(data, status, media_type=JSON)


def _words(error: msgspec.ValidationError) -> str:
    """Which field, and what it should be; msgspec repeats what was sent for enumerations only, and there are none."""
    words = str(error)
    return words[:1].lower() + words[1:]


async def _body(service: Service, request: Request) -> bytes:
    most = service.config.body_limit
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(service.config.timeout):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise _too_large(most)
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "too_slow", "the body did not arrive in time") from None
    except ClientDisconnect:
        raise Refused(400, "gone", "the client has gone") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(most: int) -> Refused:
    hint = "`body_limit` of the configuration says how large; `/stream` has no limit"
    return Refused(413, "too_large", f"the body has more than {most} bytes", hint=hint)
