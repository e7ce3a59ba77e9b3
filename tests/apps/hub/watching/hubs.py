"""Whole hubs with everything that watches, on free ports, and what is asked of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from fairlead.apps.hub.loading import VARIABLE, Source
from fairlead.apps.hub.main import Joined
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching.joining import watched
from fairlead.apps.hub.wire.server import Clients

SAID: Mapping[str, Any] = {"open": True, "access_log": False, "models": {"quick": "echo/echo"}}


@dataclass
class Running:
    """A hub, and a client of both of its listeners."""

    hub: Hub
    front: httpx.AsyncClient
    back: httpx.AsyncClient

    async def asks(self, model: str = "quick", *, stream: bool = False, **more: Any) -> httpx.Response:
        """A chat, to its end."""
        headers = more.pop("headers", {})
        said = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello there"}], **more}
        return await self.front.post("/v1/chat/completions", content=json.dumps(said), headers=headers)

    async def metrics(self) -> str:
        """The page."""
        return (await self.back.get("/metrics")).text


@asynccontextmanager
async def running(
    folder: Path,
    said: Mapping[str, Any] = SAID,
    join: Sequence[Joined] = (watched,),
    *,
    backstage: bool = True,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """One that listens."""
    hub = Hub(Source(environ={VARIABLE: json.dumps(said), **(environ or {})}), folder)
    hub.has_backstage = backstage
    servers: list[asyncio.Server] = []
    try:
        for one in join:
            await one(hub)
        await hub.begin()
        ports = []
        for clients in (hub.clients, hub.backstage):
            server = await _listening(clients)
            servers.append(server)
            ports.append(server.sockets[0].getsockname()[1])
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", trust_env=False, timeout=50) as front,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}", trust_env=False, timeout=50) as back,
        ):
            yield Running(hub, front, back)
    finally:
        for server in servers:
            server.close()
        for clients in (hub.clients, hub.backstage):
            clients.close()
            clients.abort()
            await clients.emptied.wait()
        await hub.end()


async def _listening(clients: Clients) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(clients.connection, "127.0.0.1", 0)
