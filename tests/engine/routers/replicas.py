"""Small real servers that say who they are, for requests to be routed to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
from aiohttp import web

from fairlead.engine.router import Endpoint

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on, outside of the range that clients are given theirs from."""
    while True:
        port = random.randint(10_000, 30_000)
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port


@dataclass
class Replica:
    """One instance of a version: answers with its name, streams until it is told to end, echoes, breaks connections."""

    version: str
    instance: str
    port: int = field(default_factory=free_port)
    seen: list[str] = field(default_factory=list)
    ends: asyncio.Event = field(default_factory=asyncio.Event)
    sick: bool = False
    fate: str = ""
    hears: Callable[[web.Request, int], None] = lambda request, size: None
    _runner: web.AppRunner | None = None

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.instance, LOOPBACK, self.port)

    async def start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/stream", self._stream)
        app.router.add_get("/ws", self._socket)
        app.router.add_get("/hang", self._hang)
        app.router.add_get("/cut", self._cut)
        app.router.add_get("/status/{status}", self._status)
        app.router.add_route("*", "/{path:.*}", self._echo)
        self._runner = web.AppRunner(app, shutdown_timeout=0.0, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port).start()

    async def stop(self) -> None:
        self.ends.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _ready(self, request: web.Request) -> web.Response:
        return web.Response(status=500 if self.sick else 200)

    async def _echo(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        body = await request.read()
        self.hears(request, len(body))
        if self.fate == "hanging":
            await self.ends.wait()
        if self.fate == "breaking":
            return await self._cut(request)
        if self.fate == "failing":
            return web.Response(status=500)
        answer = {
            "version": self.version,
            "instance": self.instance,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "bytes": len(body),
        }
        return web.json_response(answer, headers={"x-from": self.instance, "x-secretive": "yes"})

    async def _status(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]))

    async def _hang(self, request: web.Request) -> web.Response:
        await self.ends.wait()
        return web.Response()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.path)
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        while not self.ends.is_set():
            await answer.write(f"data: {self.instance}\n\n".encode())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ends.wait(), 0.02)
        await answer.write(b"data: end\n\n")
        return answer

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        self.seen.append(request.path)
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            if message.type == aiohttp.WSMsgType.TEXT:
                await answer.send_str(f"{self.instance}: {message.data}")
        return answer

    async def _cut(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        assert request.transport
        request.transport.abort()
        return web.Response()


@contextlib.asynccontextmanager
async def process(version: str, instance: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A replica in a process of its own, which a test can kill."""
    words = [sys.executable, __file__, version, instance, str(port)]
    program = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert program.stdout
    await program.stdout.readline()
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        await program.wait()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = json.dumps({"version": sys.argv[1], "instance": sys.argv[2]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    server = _Server((LOOPBACK, int(sys.argv[3])), _Handler)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
