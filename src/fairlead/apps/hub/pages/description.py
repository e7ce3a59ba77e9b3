"""What this is and what can be asked: `/`, `/docs` and `/openapi.json`, made once, when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec

from fairlead import __version__
from fairlead.apps.hub.calls import Json
from fairlead.apps.hub.pages import html
from fairlead.apps.hub.pages.endpoints import Endpoint
from fairlead.apps.hub.pages.openapi import document
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.wire.exchange import Exchange

WELCOME: Json = {
    "name": "Fairlead hub",
    "version": __version__,
    "what": "one API in front of every LLM provider",
    "try": "curl HOST/v1/chat/completions -H 'content-type: application/json' -H 'authorization: Bearer KEY' "
    """-d '{"model": "echo/echo", "messages": [{"role": "user", "content": "hello"}]}'""",
    "models": "/v1/models",
    "docs": "/docs",
    "openapi": "/openapi.json",
    "health": "/health",
}

TEXT_HTML = b"text/html; charset=utf-8"
JSON = b"application/json"


class Description:
    """A page."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints

    def page(self, exchange: Exchange) -> bool:
        """Answer, if it is asked for."""
        if exchange.method not in (b"GET", b"HEAD"):
            return False
        match exchange.path:
            case b"/":
                self._welcome(exchange)
            case b"/docs" | b"/docs/":
                _told(exchange, TEXT_HTML, self._docs)
            case b"/openapi.json":
                _told(exchange, JSON, self._openapi)
            case _:
                return False
        return True

    def _welcome(self, exchange: Exchange) -> None:
        host = exchange.headers.get(b"host", b"HOST").decode("latin-1")
        said = {**WELCOME, "try": WELCOME["try"].replace("HOST", f"http://{host}", 1)}
        if b"text/html" in exchange.headers.get(b"accept", b""):
            _told(exchange, TEXT_HTML, html.welcome(said).encode())
        else:
            _told(exchange, JSON, msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")

    @cached_property
    def _openapi(self) -> bytes:
        return msgspec.json.encode(document(self._endpoints))

    @cached_property
    def _docs(self) -> bytes:
        return html.docs(document(self._endpoints)).encode()


def _told(exchange: Exchange, content: bytes, body: bytes) -> None:
    safe = b"\r\ncontent-security-policy: %b\r\nx-content-type-options: nosniff" % html.POLICY.encode()
    exchange.answer(heads.line(200) + b"\r\ncontent-type: " + content + safe, body)
