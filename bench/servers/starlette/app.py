"""A small Starlette application for uvicorn: a plain answer, a stream of events, and a WebSocket that echoes."""

import asyncio
import os
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

VERSION = {"x-version": os.environ["FAIRLEAD_VERSION"]}


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello\n", headers=VERSION)


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(_events(), headers=VERSION, media_type="text/event-stream")


async def _events() -> AsyncIterator[str]:
    for number in range(30):
        yield f"data: {number}\n\n"
        await asyncio.sleep(0.1)
    yield "data: [DONE]\n\n"


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


app = Starlette(routes=[Route("/", plain), Route("/stream", stream), WebSocketRoute("/echo", echo)])
