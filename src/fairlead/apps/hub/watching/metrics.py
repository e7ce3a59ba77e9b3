"""The page of metrics, as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4).

It is written in slices, so that a hub with many models does not keep its requests waiting when it is scraped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.serving import heads
from fairlead.apps.hub.state import Hub
from fairlead.apps.hub.watching import process, reading
from fairlead.apps.hub.watching.histograms import written
from fairlead.apps.hub.watching.names import COUNTED
from fairlead.apps.hub.watching.process import LAG, LAG_WORDS, Loop
from fairlead.apps.hub.watching.recording import Recorder
from fairlead.apps.hub.wire.exchange import Exchange

PATH = b"/metrics"
HEAD = heads.line(200) + b"\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\ncache-control: no-store"

SLICE = 20_000
"""Characters that are written before others get their turn: half a millisecond or so."""


class Metrics:
    """Everything that one hub tells."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._loop = Loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self.recorder = Recorder(lambda: hub.table)

    def join(self) -> None:
        """Begin to count."""
        hub, recorder = self._hub, self.recorder
        hub.desk.watchers = (*hub.desk.watchers, recorder.ended)
        hub.desk.turned_away = (*hub.desk.turned_away, recorder.turned_away)
        hub.desk.missed = (*hub.desk.missed, recorder.missed)
        if hub.has_backstage:
            hub.private_pages = (*hub.private_pages, self.page)
        else:
            hub.desk.pages = (*hub.desk.pages, self.page)
        hub.endings.append(self.end)
        self._begin(asyncio.create_task(self._loop.watch(), name="hub-lag"))

    async def end(self) -> None:
        """Look at nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def page(self, exchange: Exchange) -> bool:
        """`GET /metrics`."""
        if exchange.path != PATH or exchange.method not in (b"GET", b"HEAD"):
            return False
        self._begin(asyncio.create_task(self._answer(exchange), name="hub-metrics"))
        return True

    def text(self) -> Iterator[str]:
        """The page, in small pieces."""
        self.recorder.prepare()
        for name, (kind, words) in COUNTED.items():
            yield f"# HELP {name} {words}\n# TYPE {name} {kind}\n"
            yield from self.recorder.lines(name)
        yield f"# HELP {LAG} {LAG_WORDS}\n# TYPE {LAG} histogram\n"
        yield "".join(self._loop.lag.lines(LAG, ""))
        for figure in (*reading.figures(self._hub), *process.figures(), *self._others()):
            yield from _lines(figure)

    def _others(self) -> Iterator[Figure]:
        for figures in self._hub.figures:
            yield from figures()

    async def _answer(self, exchange: Exchange) -> None:
        pieces, size = list[str](), 0
        for piece in self.text():
            pieces.append(piece)
            size += len(piece)
            if size > SLICE:
                size = 0
                await asyncio.sleep(0)
        exchange.answer(HEAD, "".join(pieces).encode())

    def _begin(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _lines(figure: Figure) -> Iterator[str]:
    yield f"# HELP {figure.name} {figure.words}\n# TYPE {figure.name} {figure.kind}\n"
    for labels, value in figure.samples:
        said = written(**labels)
        yield f"{figure.name}{{{said}}} {_number(value)}\n" if said else f"{figure.name} {_number(value)}\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
