"""In front of everything: keys and limits, headers that a browser is to know, one count and one line for each request.

What goes wrong behind it is answered without a word of what was sent, and logged without the words of the exception.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from fairlead.apps.guard.service.access_log import AccessLog
from fairlead.apps.guard.service.judging.bench import NothingBefore, NotReady, UnknownVersion
from fairlead.apps.guard.service.keys import OPEN, Client
from fairlead.apps.guard.service.logs import told
from fairlead.apps.guard.service.routes import streaming
from fairlead.apps.guard.service.routes.asking import Refused
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service
from fairlead.apps.guard.service.storage import StoreAway

KEY = b"x-api-key"
ELSE = "other"
"""The endpoint of what is none: no path of a client gets into a metric or a log."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

SECURITY: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

log = logging.getLogger(__name__)


class Access:
    """The ASGI application."""

    def __init__(self, service: Service, endpoints: Sequence[Endpoint], lines: AccessLog | None) -> None:
        self._service = service
        self._lines = lines
        self._exact = {(one.method, one.path): one for one in endpoints if "{" not in one.path}
        self._patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one) for one in endpoints if "{" in one.path
        ]
        self._paths = {one.path for one in endpoints}
        self._router = _router(service, endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request, or a WebSocket."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        method, path = scope["method"], scope["path"]
        endpoint = self._find("GET" if method == "HEAD" else method, path)
        reply = _Reply(send)
        client: Client | None = None
        try:
            client = self._admitted(endpoint, scope)
            if not self._service.begun and not _before(endpoint):
                raise Refused(503, "begins", "the service begins", retry_after_s=1.0)
            if endpoint is None:
                raise self._nowhere(path)
            await self._router(scope, receive, reply)
        except Exception as error:
            await self._failed(error, scope, receive, reply)
        name = endpoint.path if endpoint else ELSE
        self._service.metrics.answered(method if method in METHODS else ELSE, name, reply.status)
        if self._lines is not None:
            self._lines.add(method, name, reply.status, time.perf_counter() - began, client.name if client else "-")

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 101
        client: Client | None = None
        began = time.perf_counter()
        name = scope["path"] if scope["path"] == "/stream" else ELSE
        try:
            if not self._service.begun:
                raise Refused(503, "begins", "the service begins")
            client = self._admitted(None if name == ELSE else STREAM, scope)
            if name == ELSE:
                raise self._nowhere(scope["path"])
            await self._router(scope, receive, send)
        except Refused as refused:
            status = refused.status
            await WebSocket(scope, receive, send).close(streaming.POLICY)
        except Exception as error:
            log.error("a stream failed: %s", told(error))
        self._service.metrics.answered("GET", name, status)
        if self._lines is not None:
            self._lines.add("GET", name, status, time.perf_counter() - began, client.name if client else "-")

    def _find(self, method: str, path: str) -> Endpoint | None:
        found = self._exact.get((method, path))
        if found is None:
            found = next((one for shape, one in self._patterns if one.method == method and shape.fullmatch(path)), None)
        return found

    def _admitted(self, endpoint: Endpoint | None, scope: Scope) -> Client | None:
        """Who asks; nobody where anybody may. Raises `Refused`."""
        if endpoint is not None and endpoint.who == "anybody":
            return None
        ring = self._service.ring
        peer = scope["client"][0] if scope["client"] else ""
        headers = scope["headers"]
        key = next((value for name, value in headers if name == KEY), None)
        client = ring.find(key)
        if client is None:
            if (wait_s := ring.barred(peer)) > 0:
                raise Refused(429, "too_many_wrong_keys", "too many wrong keys came from there", retry_after_s=wait_s)
            if key is not None:
                ring.wrong(peer)
                raise Refused(401, "wrong_key", "this is no key of this service", hint=HOW)
            raise Refused(401, "missing_key", "this needs a key", hint=HOW)
        if client.name == OPEN and _of_another_site(headers):
            raise Refused(403, "cross_site", "another page may not ask while there are no keys")
        if endpoint is not None and endpoint.who == "admin" and client.role != "admin":
            hint = "`fairlead guard keys create NAME --role admin` makes one that may"
            raise Refused(403, "not_for_clients", "this key may not do that", hint=hint)
        if (wait_s := ring.wait_s(client)) > 0:
            raise Refused(429, "too_many_requests", "this key asks too often", retry_after_s=wait_s)
        return client

    def _nowhere(self, path: str) -> Refused:
        if path in self._paths or any(shape.fullmatch(path) for shape, _ in self._patterns):
            return Refused(405, "wrong_method", "this can't be asked by this method", hint="`/docs` says what can be")
        return Refused(404, "unknown_path", "there is nothing at this path", hint="`/docs` says what there is")

    async def _failed(self, error: Exception, scope: Scope, receive: Receive, reply: _Reply) -> None:
        refused = _said(error)
        if refused is None:
            log.error("a request failed: %s", told(error))
            refused = Refused(500, "failed", "something went wrong here, and it is logged")
        if not reply.began:
            await refused.answer()(scope, receive, reply)


def _before(endpoint: Endpoint | None) -> bool:
    """Whether it can be asked before the rules are loaded."""
    return endpoint is not None and endpoint.path in ("/liveness", "/readiness", "/metrics")


STREAM = streaming.ENDPOINTS[0]
HOW = "send it as `X-API-KEY`; `fairlead guard keys create NAME` makes one"


class _Reply:
    """Sends, with the headers that all answers have, and remembers the status."""

    __slots__ = ("_send", "began", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.began = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            self.status = message["status"]
            headers = message["headers"]
            headers.extend(SECURITY)
            if not any(name == POLICY[0] for name, _ in headers):
                headers.append(POLICY)
        await self._send(message)


def _said(error: Exception) -> Refused | None:
    """What a client is told of what is no fault of this program."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, StoreAway):
        return Refused(503, "store_away", "what is kept can't be asked at the moment", retry_after_s=1.0)
    if isinstance(error, UnknownVersion):
        return Refused(404, "unknown_version", "there is no version of this name", hint="`GET /versions` shows them")
    if isinstance(error, NotReady):
        return Refused(409, "not_ready", str(error) or "the version is not ready")
    if isinstance(error, NothingBefore):
        return Refused(409, "nothing_before", "there is no version to go back to")
    return None


def _of_another_site(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a browser was sent by another page (https://www.w3.org/TR/fetch-metadata/)."""
    said: Mapping[bytes, bytes] = dict(headers)
    return said.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin") or b"origin" in said


def _router(service: Service, endpoints: Sequence[Endpoint]) -> ASGIApp:
    async def socket(socket: WebSocket) -> None:
        await streaming.socket(service, socket)

    routes = [_route(service, one) for one in endpoints]
    return Router([*routes, WebSocketRoute("/stream", socket)], redirect_slashes=False)


def _route(service: Service, endpoint: Endpoint) -> Route:
    async def handler(request: Request) -> Response:
        return await endpoint.handler(service, request)

    return Route(endpoint.path, handler, methods=[endpoint.method])
