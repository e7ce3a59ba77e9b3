"""Azure OpenAI, strictly: deployments with a dated version, and version v1; an API key or a token, never both.

Source: https://learn.microsoft.com/azure/ai-services/openai/reference.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from tests.apps.hub.standins.openai import OpenAI
from tests.apps.hub.standins.strict import unless

DATED = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")


@dataclass
class Azure(OpenAI):
    """A resource with one deployment."""

    deployment: str = "town"
    token: str = "entra-" + "token"

    def check(self, request: Request) -> None:
        """The key in its own header, or Entra's token."""
        keys, tokens = request.headers.getlist("api-key"), request.headers.getlist("authorization")
        right = (keys, tokens) in (([self.key], []), ([], [f"Bearer {self.token}"]))
        unless(right, "Access denied due to invalid subscription key", 401)
        version = request.query_params.get("api-version")
        if "/deployments/" in request.url.path:
            unless(request.path_params["deployment"] == self.deployment, "The API deployment does not exist", 404)
            unless(version is not None and bool(DATED.fullmatch(version)), "api-version is missing", 404)
        else:
            dated = not request.url.path.startswith("/openai/v1/") and bool(DATED.fullmatch(version or ""))
            unless(dated or version in (None, "preview", "latest"), "no dated version here")

    def routes(self) -> Iterable[tuple[str, str, Callable[[Request, bytes], Awaitable[Response]]]]:
        """Both ways."""
        for method, path, handler in super().routes():
            below = path.removeprefix("/v1")
            yield method, f"/openai/v1{below}", handler
            if below in ("/models", "/responses"):
                yield method, f"/openai{below}", handler
            else:
                yield method, f"/openai/deployments/{{deployment}}{below}", handler
