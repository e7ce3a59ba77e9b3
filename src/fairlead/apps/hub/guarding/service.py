"""The guard app, asked over HTTP: whole texts by `POST /scan`, an answer that streams over a WebSocket at `/stream`.

    POST /scan   {"documents": [{"text": …}, …]}  ->  {"documents": [{"findings": [{rule, kind, severity, …}]}, …]}
    /stream      {"part": 1, "text": …} or {"part": 1, "end": true}
                 ->  {"part": 1, "clear": 120, "findings": […]}, one for each, in order

`clear` says how many characters of the part, from its beginning, may be let out. What is found is named by its place
only and replaced here, so no value comes back over the wire and the placeholders stay those of the call. Each question
has a time limit; after some failures in a row the app is left alone for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import msgspec

from fairlead.apps.guard.findings import Finding, Placeholders, Severity
from fairlead.apps.hub.guarding.looking import Blind, Channel, Seen
from fairlead.apps.hub.guarding.swaps import spliced
from fairlead.apps.hub.routes.breaker import Breaker

COOL_DOWN_S = 5.0
MOST_ANSWER_BYTES = 16 * 1024 * 1024
KEY = "X-API-KEY"


class _Found(msgspec.Struct):
    """A finding as the app tells it; what else it tells is passed over."""

    rule: str
    start: int
    end: int
    kind: str = ""
    severity: Severity = "high"
    confidence: float = 1.0

    def finding(self, offset: int = 0) -> Finding:
        """In our words."""
        start, end = self.start - offset, self.end - offset
        return Finding(self.rule, self.kind or self.rule, self.severity, self.confidence, start, end, "")


class _Document(msgspec.Struct):
    findings: list[_Found]


class _Scanned(msgspec.Struct):
    documents: list[_Document]


class _Step(msgspec.Struct):
    part: int
    clear: int
    findings: list[_Found] = msgspec.field(default_factory=list)


_scanned = msgspec.json.Decoder(_Scanned).decode
_step = msgspec.json.Decoder(_Step).decode


class Service:
    """One for an address and a key."""

    waits = True
    ready = True

    def __init__(self, url: str, key: str | None, timeout_s: float) -> None:
        self.said = (url, key, timeout_s)
        self._url = url.rstrip("/")
        self._headers = {KEY: key} if key else {}
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._breaker = Breaker(COOL_DOWN_S)

    async def prepare(self) -> None:
        """It always is."""

    def at_once(self, texts: Sequence[str]) -> Seen | None:
        """Never, unless there is nothing to ask."""
        return None if any(texts) else [()] * len(texts)

    async def look(self, texts: Sequence[str]) -> Seen:
        """All of them in one request."""
        body = msgspec.json.encode({"documents": [{"text": text} for text in texts]})
        headers = {"content-type": "application/json"}
        async with (
            self.asking(),
            self.session().post(f"{self._url}/scan", data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Blind(f"the guard app answered {answer.status}")
            found = _scanned(await answer.content.read(MOST_ANSWER_BYTES))
            if len(found.documents) != len(texts):
                raise Blind("the guard app answered about other documents")
        return [_ordered(one.findings, len(text)) for one, text in zip(found.documents, texts, strict=True)]

    def channels(self, placeholders: Placeholders) -> _Channels:
        """For one answer."""
        return _Channels(self, placeholders)

    async def end(self) -> None:
        """Let go of its connections."""
        if self._session is not None:
            await self._session.close()

    def session(self) -> aiohttp.ClientSession:
        """Its connections."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout, trust_env=False)
        return self._session

    async def connected(self) -> aiohttp.ClientWebSocketResponse:
        """A connection for one answer."""
        return await self.session().ws_connect(f"{self._url}/stream", max_msg_size=MOST_ANSWER_BYTES)

    @contextlib.asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """One question, within the time limit; its failure is `Blind`, and counts."""
        now = time.monotonic()
        if not self._breaker.ready(now):
            raise Blind("the guard app failed lately, and is left alone")
        self._breaker.asked()
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except asyncio.CancelledError:
            self._breaker.given_up()
            raise
        except Exception as error:
            self._breaker.failed(time.monotonic())
            why = str(error) if isinstance(error, Blind) else f"the guard app can't be asked: {type(error).__name__}"
            raise Blind(why) from None
        self._breaker.succeeded(time.monotonic())


class _Channels:
    """One connection for all parts of an answer, made when the first of them is asked about."""

    def __init__(self, service: Service, placeholders: Placeholders) -> None:
        self._service = service
        self._placeholders = placeholders
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._closing: asyncio.Task[bool] | None = None

    def open(self) -> Channel:
        return _Remote(self, next(self._numbers), self._placeholders)

    def close(self) -> None:
        if self._socket is not None:
            self._closing = asyncio.get_running_loop().create_task(self._socket.close())
            self._socket = None

    async def ask(self, said: dict[str, Any]) -> _Step:
        """One step. Raises `Blind`."""
        async with self._service.asking():
            if self._socket is None:
                self._socket = await self._service.connected()
            await self._socket.send_bytes(msgspec.json.encode(said))
            message = await self._socket.receive()
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                raise Blind("the guard app ended the stream")
            step = _step(message.data)
            if step.part != said["part"]:
                raise Blind("the guard app answered about another part")
            return step


class _Remote:
    """One text: what may not be let out yet is held here."""

    def __init__(self, channels: _Channels, number: int, placeholders: Placeholders) -> None:
        self._channels = channels
        self._number = number
        self._placeholders = placeholders
        self._held = ""
        self._at = 0
        """How many characters were let out."""
        self._found: list[_Found] = []

    async def feed(self, text: str) -> tuple[str, Sequence[Finding]]:
        self._held += text
        return await self._asked({"part": self._number, "text": text}, last=False)

    async def close(self) -> tuple[str, Sequence[Finding]]:
        return await self._asked({"part": self._number, "end": True}, last=True)

    async def _asked(self, said: dict[str, Any], *, last: bool) -> tuple[str, Sequence[Finding]]:
        try:
            step = await self._channels.ask(said)
        except Blind as blind:
            rest, self._held = self._held, ""
            raise Blind(str(blind), rest) from None
        self._found += step.findings
        clear = len(self._held) if last else min(max(0, step.clear - self._at), len(self._held))
        within = [one.finding(self._at) for one in self._found if one.start < self._at + clear]
        self._found = [one for one in self._found if one.start >= self._at + clear]
        clear = min(max([clear, *(one.end for one in within)]), len(self._held))
        shown = spliced(self._held[:clear], sorted(within, key=lambda one: one.start), self._placeholders)
        self._held, self._at = self._held[clear:], self._at + clear
        return shown, [one.finding() for one in step.findings]


def _ordered(found: Sequence[_Found], length: int) -> list[Finding]:
    """Within the text, in order."""
    return sorted((one.finding() for one in found if 0 <= one.start < one.end <= length), key=lambda one: one.start)
