"""A guard app on this machine, as the hub asks one over HTTP; it can be told to fail."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiohttp import WSMsgType, web
from tests.apps.hub.guarding.guards import SmallGuard, SmallStream

from fairlead.apps.guard.findings import Finding

KEY = "made-" + "up-guard-key"


class App:
    """Knows what the small guard knows."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.keys: set[str | None] = set()
        self.fails = False
        self.steps_left = -1
        """After so many steps of streams it ends them."""
        self._guard = SmallGuard()

    async def scan(self, request: web.Request) -> web.Response:
        """Whole texts."""
        self._note(request)
        if self.fails:
            return web.Response(status=500)
        said = await request.json()
        found = [{"findings": told(self._guard.scan(one["text"]))} for one in said["documents"]]
        return web.json_response({"documents": found, "model_version": "none"})

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """Texts in pieces."""
        self._note(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        parts: dict[int, SmallStream] = {}
        async for message in socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or self.steps_left == 0:
                break
            self.steps_left -= 1
            await socket.send_json(self._step(message.json(), parts))
        await socket.close()
        return socket

    def _step(self, said: Any, parts: dict[int, SmallStream]) -> dict[str, Any]:
        stream = parts.setdefault(said["part"], self._guard.stream())
        text, found = stream.close() if said.get("end") else stream.feed(said["text"])
        return {"part": said["part"], "clear": stream.clear, "text": text, "findings": told(found)}

    def _note(self, request: web.Request) -> None:
        self.asked.append(request.path)
        self.keys.add(request.headers.get("X-API-KEY"))


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """As JSON."""
    names = ("rule", "kind", "severity", "confidence", "start", "end")
    return [{name: getattr(one, name) for name in names} for one in findings]


@contextlib.asynccontextmanager
async def guard_app() -> AsyncIterator[App]:
    """One that listens."""
    app, served = App(), web.Application(client_max_size=64 * 1024 * 1024)
    served.add_routes([web.post("/scan", app.scan), web.get("/stream", app.stream)])
    runner = web.AppRunner(served, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield app
    finally:
        await runner.cleanup()
