"""A whole hub with a guard, before the built-in provider, which says what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.apps.hub.guarding.guards import SmallGuard

from fairlead.apps.hub.guarding.joining import Guarding, joined
from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.serving.flight import Flight
from fairlead.apps.hub.serving.seams import Found
from fairlead.apps.hub.state import Hub

CHAT = "/v1/chat/completions"


@dataclass
class Town:
    """The hub, its client, and what was told of its requests."""

    hub: Hub
    http: httpx.AsyncClient
    guard: SmallGuard
    guarding: Guarding
    flights: list[Flight] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    async def ask(self, text: str, path: str = CHAT, **more: Any) -> httpx.Response:
        """A question, by the route `m`."""
        body = {"model": "m", "messages": [{"role": "user", "content": text}]} | more
        return await self.http.post(path, json=body)

    async def until_all_is_over(self) -> None:
        """No flight is left."""
        async with asyncio.timeout(10):
            while self.hub.desk.flights or self.hub.office.accounts.under_way:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def town(
    folder: Path, policy: dict[str, Any], *, small: SmallGuard | None = None, to: str = "echo/echo", **said: Any
) -> AsyncIterator[Town]:
    """A route `m` with such a guard, and one `bare` without."""
    environ, load = said.pop("environ", {}), said.pop("load", None)
    models = {"m": {"targets": [to], "guard": policy}, "bare": [to]} | said.pop("models", {})
    config = {"open": True, "providers": {"echo": {}}, "models": models} | said
    hub = Hub(Source(environ={VARIABLE: json.dumps(config)} | environ), folder)
    small = small or SmallGuard()
    guarding = joined(hub, load or (lambda: small))
    await hub.begin()
    server = await asyncio.get_running_loop().create_server(hub.clients.connection, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=50) as http:
            made = Town(hub, http, small, guarding)
            hub.desk.watchers = (*hub.desk.watchers, made.flights.append)
            hub.desk.found = (*hub.desk.found, lambda flight, found: made.found.extend(found))
            yield made
            await made.until_all_is_over()
    finally:
        server.close()
        hub.clients.abort()
        await hub.end()


def chunks(answer: httpx.Response) -> list[Any]:
    """The events of a stream."""
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]


def words(answer: httpx.Response) -> str:
    """What a chat completion says, whole or streamed."""
    if not answer.text.startswith("data:"):
        return str(answer.json()["choices"][0]["message"]["content"])
    choices: Sequence[Any] = [one for chunk in chunks(answer) for one in chunk.get("choices", ())]
    return "".join(one["delta"].get("content") or "" for one in choices)
