"""Questions to a Prometheus server. Anything but a whole answer without warnings is a reason for no evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from fairlead.release.sources.metrics.fetching import fetch
from fairlead.release.sources.metrics.snapshot import Labels, NoEvidence
from fairlead.stack.model.objectives import PrometheusServer

T = TypeVar("T")
Series = list[tuple[Labels, float]]

LONGEST = 200
"""Characters of the server's words that are shown."""


class Query:
    """One round of questions. The token is sent, and struck out of whatever is answered."""

    def __init__(self, client: httpx.AsyncClient, server: PrometheusServer, secret: Callable[[str], str]) -> None:
        self._client = client
        self._url = f"{server.url.rstrip('/')}/api/v1/query"
        self._host = urlsplit(server.url).hostname or "the server"
        self._token = secret(server.secret) if server.secret else None

    async def now(self) -> float:
        """What time it is there, in seconds since the epoch."""
        data = await self._ask({"query": "time()"})
        return self._read(lambda: float(data["result"][1]))

    async def series(self, query: str, at: float) -> Series:
        """The series of an instant vector, as they were at that moment."""
        data = await self._ask({"query": query, "time": f"{at:.3f}"})
        return self._read(lambda: [(dict(one["metric"]), float(one["value"][1])) for one in data["result"]])

    async def _ask(self, query: dict[str, str]) -> Any:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            status, text = await fetch(self._client, self._url, headers=headers, query=query)
        except NoEvidence as error:
            raise self._silent(str(error)) from None
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._silent(f"it answered {status}, and nothing that can be read")
        if answer.get("status") != "success" or status != httpx.codes.OK:
            raise self._silent(str(answer.get("error") or f"it answered {status}"))
        if answer.get("warnings"):
            raise self._silent(f"it warns: {'; '.join(map(str, answer['warnings']))}")
        return answer.get("data")

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (KeyError, IndexError, TypeError, ValueError):
            raise self._silent("its answer can't be read") from None

    def _silent(self, why: str) -> NoEvidence:
        struck = why.replace(self._token, "***") if self._token else why
        return NoEvidence(f"{self._host}: {struck[:LONGEST]}")
