"""Whole hubs with their pages, on real sockets and real stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.apps.hub.accounts.conftest import postgres_server, postgres_url

from fairlead.apps.hub.loading import Source
from fairlead.apps.hub.pages.joining import paged
from fairlead.apps.hub.state import Hub

__all__ = ["postgres_server", "postgres_url"]

ADMIN = "made-up-" + "for-administration"
WITH_KEY = {"authorization": f"Bearer {ADMIN}"}

SAID = """
admin_key: ADMIN
models:
  quick: echo/echo
  other: echo/echo
"""


class Running:
    """A hub, and clients of both its listeners."""

    def __init__(self, hub: Hub, file: Path) -> None:
        self.hub = hub
        self.file = file
        self._servers: list[asyncio.Server] = []

    async def begin(self) -> None:
        """Join the pages, and listen."""
        await paged(self.hub)
        await self.hub.begin()
        self.public = await self._listen(self.hub.clients.connection)
        self.private = await self._listen(self.hub.backstage.connection)
        self.admin = httpx.AsyncClient(base_url=self.public.base_url, headers=WITH_KEY, timeout=30)

    async def end(self) -> None:
        """Let go of everything."""
        for client in (self.public, self.private, self.admin):
            await client.aclose()
        for server in self._servers:
            server.close()
        for clients in (self.hub.clients, self.hub.backstage):
            clients.close()
            clients.abort()
            await clients.emptied.wait()
        await self.hub.end()

    async def _listen(self, connection: Callable[[], asyncio.Protocol]) -> httpx.AsyncClient:
        server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
        self._servers.append(server)
        port = server.sockets[0].getsockname()[1]
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)

    async def makes(self, name: str, **fields: Any) -> str:
        """A key; its value."""
        told = await self.admin.post("/admin/keys", json={"name": name, **fields})
        assert told.status_code == 201, told.text
        value: str = told.json()["key"]
        return value

    async def asks(self, key: str, model: str = "quick", text: str = "hello") -> httpx.Response:
        """A chat by this key."""
        said = {"model": model, "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer {key}"}
        return await self.public.post("/v1/chat/completions", json=said, headers=headers)

    async def tells(self, path: str, **query: Any) -> Any:
        """What the administration answers."""
        told = await self.admin.get(path, params=query)
        assert told.status_code == 200, told.text
        return told.json()


Starts = Callable[..., Awaitable[Running]]


@pytest.fixture
async def starts(tmp_path: Path) -> AsyncIterator[Starts]:
    """Hubs that begin at once; those that still run are ended."""
    running: list[Running] = []

    async def start(
        said: str = SAID, *, store: str | None = None, environ: Mapping[str, str] | None = None, name: str = "hub"
    ) -> Running:
        file = tmp_path / f"{name}.yaml"
        file.write_text(said)
        hub = Hub(Source(file, {"ADMIN": ADMIN} if environ is None else environ), tmp_path, store=store)
        made = Running(hub, file)
        running.append(made)
        await made.begin()
        return made

    yield start
    for one in running:
        if not one.admin.is_closed:
            await one.end()


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that happens beside; the test's own time limit ends it."""
    while not await true():  # noqa: ASYNC110 - what it waits for tells nobody
        await asyncio.sleep(0.02)
