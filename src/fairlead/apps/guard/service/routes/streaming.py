"""`/stream`: texts that come in pieces, of any number and size. Nothing of a secret goes out before it is known as one.

As `POST`, the body is the text and the answer is what may be let out of it, while the body still comes: JSON lines,
or with `Accept: text/plain` the redacted text alone. As a WebSocket, steps of several texts (`part`) go in and out in
turn.
"""

from __future__ import annotations

import asyncio
import codecs
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from fairlead.apps.guard.findings import Finding
from fairlead.apps.guard.placeholders import Masked
from fairlead.apps.guard.service.looking import Stream
from fairlead.apps.guard.service.placeholders import Mapped
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.routes.texts import noted
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.words import Found, Step, Went

PIECE = 16_384
"""Bytes that are looked at in one go, so that a large piece holds nobody up."""
MOST_PARTS = 256
"""Texts of one WebSocket at a time."""
GOING_AWAY, POLICY, TOO_BIG = 1001, 1008, 1009
"""Why a WebSocket is closed (RFC 6455, 7.4.1)."""

_step = msgspec.json.Decoder(Step).decode
_encode = msgspec.json.Encoder().encode


class _Counted:
    """Placeholders that know how long those were that they gave since the last look."""

    def __init__(self, inner: Mapped) -> None:
        self._inner = inner
        self.length = 0

    def of(self, finding: Finding, value: str) -> str:
        """As the inner one says."""
        given = self._inner.of(finding, value)
        self.length += len(given)
        return given

    def restored(self, text: str) -> str:
        """As the inner one does."""
        return self._inner.restored(text)


class Part:
    """One text of a WebSocket."""

    def __init__(self, service: Service, stand_ins: Mapped) -> None:
        self._service = service
        self._version, scorer = service.bench.now()
        self._counted = _Counted(stand_ins)
        self._stream = service.engine.stream(self._counted, scorer)
        self._clear = 0

    def step(self, step: Step) -> Went:
        """What is known after it."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        shown, findings = self._stream.feed(step.text) if step.text else ("", ())
        if step.end:
            rest, more = self._stream.close()
            shown, findings = shown + rest, [*findings, *more]
        stood_in, self._counted.length = self._counted.length, 0
        self._clear += len(shown) - stood_in + sum(one.end - one.start for one in findings)
        told = noted(self._service, findings, self._version, loop.time() - began) if findings or step.end else []
        return Went(step.part, self._clear, told, shown if step.redact else None)


async def socket(service: Service, socket: WebSocket) -> None:
    """Steps in, what is known out, one for each, in order, until the client has no more."""
    await socket.accept()
    parts: dict[int, Part] = {}
    stand_ins = Mapped()
    try:
        while (message := await socket.receive())["type"] == "websocket.receive":
            data = message.get("bytes") or (message.get("text") or "").encode("utf-8", "surrogatepass")
            if len(data) > service.config.body_limit:
                await socket.close(TOO_BIG, "the step is too large")
                return
            try:
                step = _step(data)
                part = parts.get(step.part)
                if part is None:
                    if len(parts) >= MOST_PARTS:
                        await socket.close(POLICY, "too many texts at a time")
                        return
                    part = parts[step.part] = Part(service, stand_ins)
                went = part.step(step)
                if step.end:
                    del parts[step.part]
                await socket.send_bytes(_encode(went))
            except (msgspec.DecodeError, UnicodeError):
                await socket.close(POLICY, "the step is not understood")
                return
            if not service.ready and not parts:
                await socket.close(GOING_AWAY, "the service ends")
                return
    except WebSocketDisconnect:
        return


async def stream(service: Service, request: Request) -> Response:
    """The answer begins with the first piece."""
    version, scorer = service.bench.now()
    plain = "text/plain" in request.headers.get("accept", "")
    return Flowing(service, request, service.engine.stream(Masked(), scorer), version, plain=plain)


class Flowing(Response):
    """An answer that is written while the body still comes; starlette's own would take the body for itself."""

    def __init__(self, service: Service, request: Request, stream: Stream, version: str, *, plain: bool) -> None:
        super().__init__(media_type="text/plain" if plain else "application/x-ndjson")
        del self.headers["content-length"]
        self._service = service
        self._request = request
        self._stream = stream
        self._version = version
        self._plain = plain
        lossless = "surrogateescape" if plain else "replace"
        self._decoder = codecs.getincrementaldecoder("utf-8")(lossless)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Piece by piece."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for part in _pieces(self._request, self._service.config.timeout):
                if line := self._went(*self._stream.feed(self._decoder.decode(part))):
                    await send({"type": "http.response.body", "body": line, "more_body": True})
        except TimeoutError:
            last = b"" if self._plain else b'{"error":{"code":"too_slow","message":"no further piece came in time"}}\n'
            await send({"type": "http.response.body", "body": last, "more_body": False})
            return
        except ClientDisconnect:
            return
        rest = self._went(*self._fed_to_the_end())
        end = b"" if self._plain else _line({"end": True, "model_version": self._version})
        await send({"type": "http.response.body", "body": rest + end, "more_body": False})

    def _fed_to_the_end(self) -> tuple[str, Sequence[Finding]]:
        text, findings = self._stream.feed(self._decoder.decode(b"", final=True))
        rest, more = self._stream.close()
        return text + rest, [*findings, *more]

    def _went(self, text: str, findings: Sequence[Finding]) -> bytes:
        told = noted(self._service, findings, self._version, 0.0) if findings else []
        if self._plain:
            return text.encode("utf-8", "surrogateescape")
        return _line({"text": text, "findings": told}) if text or told else b""


async def _pieces(request: Request, timeout_s: float) -> AsyncIterator[bytes]:
    """Of the body, none of them long. Raises `TimeoutError`, `ClientDisconnect`."""
    body = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                part = await anext(body)
        except StopAsyncIteration:
            return
        for at in range(0, len(part), PIECE):
            yield part[at : at + PIECE]
            if len(part) > PIECE:
                await asyncio.sleep(0)


def _line(said: Any) -> bytes:
    try:
        return _encode(said) + b"\n"
    except UnicodeEncodeError:  # half a character of UTF-16, which only an escape can write
        return json.dumps(said, default=msgspec.to_builtins).encode() + b"\n"


class Line(msgspec.Struct, omit_defaults=True):
    """A line of the answer; the last one has `end`."""

    text: str = ""
    findings: list[Found] = []
    end: bool = False
    model_version: str = ""


ENDPOINTS = (
    Endpoint(
        "POST", "/stream", "A text that comes in pieces, redacted as it goes by", stream, "Texts", Line,
        words="The body is the text, in chunks of any size; the answer begins while it still comes. JSON lines, or "
        "with `Accept: text/plain` the redacted text alone. Places count characters of the whole text. As a WebSocket, "
        "`{part, text}` or `{part, end: true}` goes in and `{part, clear, findings}` comes back: `clear` characters of "
        "the part may be let out; with `redact: true`, `text` is what they read like without secrets.",
        content="application/x-ndjson",
    ),
)  # fmt: skip
