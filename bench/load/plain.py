"""Plain requests at a steady rate, however slow the answers are: half over connections that are kept, half over new
ones. Latency counts from the moment a request was due, so that a slow answer can't hide the ones that wait behind it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

from bench.load.tally import Tally
from bench.load.wire import Connection, CutShortError, NoAnswerError

ANSWER_WITHIN_S = 20.0


class Plain:
    """The requests, to each path in turn."""

    def __init__(self, host: str, port: int, paths: Sequence[str], tally: Tally, sent: Sequence[str] = ()) -> None:
        self._where = (host, port)
        self._paths = paths
        self._sent = sent or ("",)
        self._tally = tally
        self._idle: list[Connection] = []

    async def run(self, rate: float, ending: asyncio.Event) -> None:
        """Send until it is time to end, then wait for the answers under way."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        under_way: set[asyncio.Task[None]] = set()
        for number in itertools.count():
            due = began + number / rate
            if (pause := due - loop.time()) > 0:
                await asyncio.sleep(pause)
            if ending.is_set():
                break
            # each path gets as many requests over kept connections as over new ones
            path, keep = self._paths[number // 2 % len(self._paths)], number % 2 == 0
            sent = self._sent[number // 2 % len(self._sent)]
            task = asyncio.create_task(self._one(path, keep, due, sent))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        for connection in self._idle:
            connection.close()

    async def _one(self, path: str, keep: bool, due: float, sent: str) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._asked(path, keep, due, sent)
        except NoAnswerError as error:
            self._tally.failed("request failed", path, "no answer", str(error))
        except CutShortError as error:
            self._tally.failed("request failed", path, "cut short", str(error))
        except TimeoutError:
            self._tally.failed("request failed", path, f"no answer within {ANSWER_WITHIN_S:g} s")

    async def _asked(self, path: str, keep: bool, due: float, sent: str) -> None:
        connection = await self._connection(keep)
        try:
            answer = await connection.get(path, keep=keep, sent=sent)
        except BaseException:
            connection.close()
            raise
        if answer.status >= 400:
            self._tally.failed("request failed", path, f"status {answer.status}", answer.body.decode("latin-1"))
        else:
            self._tally.answered(path, answer.version, asyncio.get_running_loop().time() - due)
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()

    async def _connection(self, keep: bool) -> Connection:
        while keep and self._idle:
            found = self._idle.pop()
            if found.reusable:
                return found
            self._tally.counts["idle connections closed by the server"] += 1
            found.close()
        return await Connection.open(*self._where)
