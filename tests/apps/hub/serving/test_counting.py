"""Counts of tokens where no provider counts them, in a whole hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.state import Hub

HI = [{"role": "user", "content": "How far is it from the town hall to the harbour?"}]


class Counted:
    """A hub with a provider that can count, and one that can't and must never be asked."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.flights: list[Flight] = []

    async def count(self, model: str, body: dict[str, Any]) -> httpx.Response:
        return await self.http.post("/v1/messages/count_tokens", json={"model": model} | body)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Counted]:
    """Started."""
    said = {"open": True, "providers": {"echo": {}, "away": {"kind": "openai", "url": "http://127.0.0.1:1"}}}
    hub = Hub(Source(environ={VARIABLE: json.dumps(said)}), tmp_path)
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=50) as http:
        found = Counted(http)
        hub.desk.watchers = (found.flights.append,)
        yield found
    server.close()
    hub.clients.abort()
    await hub.end()


async def test_a_count_that_no_provider_has_is_an_estimate_and_says_so(town: Counted) -> None:
    """A request in the ledger that cost nothing."""
    answer = await town.count("away/gpt-4o", {"messages": HI})

    assert answer.headers["x-fairlead-tokens"] == "estimated"
    assert 12 <= answer.json()["input_tokens"] <= 24
    assert [(flight.asks, flight.cost_nano) for flight in town.flights] == [(0, 0)]
    usage = town.flights[0].usage
    assert usage is not None
    assert usage.estimated


async def test_a_provider_that_can_count_is_asked(town: Counted) -> None:
    """And its word is not marked."""
    answer = await town.count("echo/echo", {"messages": HI})

    assert answer.json()["input_tokens"] > 0
    assert "x-fairlead-tokens" not in answer.headers
    assert town.flights[0].asks == 1


async def test_what_is_no_conversation_can_not_be_counted(town: Counted) -> None:
    """The failure has the protocol's form."""
    answer = await town.count("away/gpt-4o", {"messages": "hi"})

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
