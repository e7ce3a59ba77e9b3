"""Stand-ins served over real HTTP on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import uvicorn


@dataclass(frozen=True)
class Standin:
    """One that is served."""

    app: Any
    url: str


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[Standin]:
    """Serve an ASGI application on a free port until the end of the block; who connects early waits a moment."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield Standin(app, f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            await task
