"""Streams kept open: each is read to its end, which has to be its final event, and followed by another one."""

from __future__ import annotations

import asyncio

from bench.load.tally import Tally
from bench.load.wire import Connection, CutShortError, NoAnswerError

FINAL = b"data: [DONE]\n\n"
PAUSE_AFTER_FAILURE_S = 0.05


async def streams(host: str, port: int, path: str, tally: Tally, ending: asyncio.Event, sent: str = "") -> None:
    """One stream after another, until it is time to end."""
    while not ending.is_set():
        if not await _one(host, port, path, tally, sent):
            await asyncio.sleep(PAUSE_AFTER_FAILURE_S)


async def _one(host: str, port: int, path: str, tally: Tally, sent: str) -> bool:
    try:
        connection = await Connection.open(host, port)
    except NoAnswerError as error:
        tally.failed("stream refused", path, "no answer", str(error))
        return False
    try:
        answer = await connection.get(path, keep=False, sent=sent)
    except NoAnswerError as error:
        tally.failed("stream refused", path, "no answer", str(error))
    except CutShortError as error:
        tally.failed("stream cut", path, "cut short", str(error))
    else:
        if answer.status >= 400:
            tally.failed("stream refused", path, f"status {answer.status}")
        elif not answer.body.endswith(FINAL):
            tally.failed("stream cut", path, "no final event")
        else:
            tally.counts["streams whole"] += 1
            return True
    finally:
        connection.close()
    return False
