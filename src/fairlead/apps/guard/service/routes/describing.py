"""`/`, `/docs` and `/openapi.json`: what can be asked, for people and for programs, without a network."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from fairlead import __version__
from fairlead.apps.guard.service.describing import page
from fairlead.apps.guard.service.describing.openapi import document
from fairlead.apps.guard.service.routes import analysing, learning, streaming, texts, watching
from fairlead.apps.guard.service.routes.asking import JSON, answer
from fairlead.apps.guard.service.routes.endpoints import Endpoint
from fairlead.apps.guard.service.state import Service


async def welcome(service: Service, request: Request) -> Response:
    """What this is."""
    said = {"name": "Fairlead guard", "version": __version__, "docs": "/docs", "openapi": "/openapi.json"}
    return answer({**said, "what": "tells whether something is a secret, of what kind, and how bad that is"})


async def openapi(service: Service, request: Request) -> Response:
    """OpenAPI 3.1."""
    return Response(msgspec.json.encode(document(ENDPOINTS)), media_type=JSON)


async def docs(service: Service, request: Request) -> Response:
    """The same, to be read."""
    headers = {"content-security-policy": page.POLICY}
    return Response(page.html(document(ENDPOINTS)), media_type="text/html", headers=headers)


DESCRIPTION = "Description"
ENDPOINTS: tuple[Endpoint, ...] = (
    *analysing.ENDPOINTS,
    *texts.ENDPOINTS,
    *streaming.ENDPOINTS,
    *learning.ENDPOINTS,
    *watching.ENDPOINTS,
    Endpoint("GET", "/", "What this is, and where to go", welcome, DESCRIPTION, dict[str, str], who="anybody"),
    Endpoint("GET", "/docs", "This description, to be read", docs, DESCRIPTION, who="anybody", content="text/html"),
    Endpoint("GET", "/openapi.json", "This description", openapi, DESCRIPTION, dict[str, Any], who="anybody"),
)
