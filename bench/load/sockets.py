"""WebSockets kept open: each echoes for some seconds, is closed by its client, and followed by another one."""

from __future__ import annotations

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from bench.load.streams import PAUSE_AFTER_FAILURE_S
from bench.load.tally import Tally

LASTS_S = 4.0
EVERY_S = 0.1


async def sockets(host: str, port: int, path: str, tally: Tally, ending: asyncio.Event) -> None:
    """One WebSocket after another, until it is time to end."""
    while not ending.is_set():
        try:
            await _one(f"ws://{host}:{port}{path}", tally, ending)
        except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, EOFError) as error:
            tally.failed("websocket refused", path, type(error).__name__, str(error))
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        except ConnectionClosed as error:
            tally.failed("websocket cut", path, f"closed with {error.rcvd.code if error.rcvd else 'no word'}")
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)


async def _one(url: str, tally: Tally, ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    async with connect(url, proxy=None, compression=None, ping_interval=None) as socket:
        end = loop.time() + LASTS_S
        while loop.time() < end and not ending.is_set():
            await socket.send("echo")
            if await socket.recv() != "echo":
                tally.failed("websocket cut", url, "another answer than the echo")
            tally.counts["websocket messages"] += 1
            await asyncio.sleep(EVERY_S)
    tally.counts["websockets whole"] += 1
