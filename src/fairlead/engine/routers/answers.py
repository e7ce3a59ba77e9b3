"""Reads Envoy's access log as answers of versions, each as soon as it is written.

What did not get as far as a version is passed over: what the router limited, turned down or had no rule for. So are
upgraded connections, which have an end but no answer; a bare TCP connection counts as answered once it is made.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

from fairlead.engine.router import Answer
from fairlead.engine.routers.names import ClusterName
from fairlead.engine.routers.observing import GRPC_FAILURES
from fairlead.engine.routers.program import INSTANCE
from fairlead.engine.runtime import Runtime
from fairlead.errors import FairleadError
from fairlead.kit.clock import Clock

BY_VERSION = frozenset({"UH", "UF", "UC", "UR", "UT", "UPE", "UO", "URX", "UMSDR", "SI"})
"""Response flags of Envoy for what the version did, or was too slow or not there to do."""

BY_CLIENT = frozenset({"DC", "DR", "DPE"})
"""The client hung up, reset its stream, or spoke nonsense."""

UPGRADED, LATE_CLIENT = 101, 408
"""408 is the router's word for a request whose end did not come in time."""

AGAIN_S = 0.5
"""Pause before a log that has ended or can't be read is opened again."""

AT_A_TIME = 500
"""Lines after which others get a turn: some 5 ms."""

Line = dict[str, Any]


async def answers(runtime: Runtime, clock: Clock, since: float) -> AsyncIterator[Answer]:
    """What ended after `since`, then what ends; over restarts of the router and damages of its log."""
    async for text in _lines(runtime, clock, since):
        answer = parse(text)
        if answer and answer.began + (answer.duration_ms + 1) / 1000 > since:
            yield answer


async def _lines(runtime: Runtime, clock: Clock, since: float) -> AsyncIterator[str]:
    read = itertools.count(1)
    while True:
        try:
            async for line in runtime.logs(INSTANCE, since=since, follow=True):
                since = line.at
                if line.stream == "out":
                    yield line.text
                if next(read) % AT_A_TIME == 0:
                    await asyncio.sleep(0)
        except (FairleadError, OSError):
            pass  # whoever watches the router says so; the log is there again when it is
        await clock.sleep(AGAIN_S)


def parse(text: str) -> Answer | None:
    """A line of the log; `None` for one that is damaged or not about an answer of a version."""
    try:
        line: Line = json.loads(text)
        cluster = ClusterName.parse(line["upstream"] or "")
        return _answer(line, cluster) if cluster else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _answer(line: Line, cluster: ClusterName) -> Answer | None:
    status, instance = line.get("status", 0), line["instance"]
    failed = _failed(line, status, reached=instance is not None)
    if status == UPGRADED or (instance is None and not failed):
        return None
    return Answer(
        service=cluster.service,
        version=cluster.version,
        instance=instance or "",
        began=dt.datetime.fromisoformat(line["time"]).timestamp(),
        duration_ms=float(_duration_ms(line)),
        first_byte_ms=None if (first := line.get("first_byte_ms")) is None else float(first),
        status=status,
        failed=failed,
        unit=line.get("unit"),
        mirrored=line.get("mirrored", False),
        method=line.get("method"),
    )


def _failed(line: Line, status: int, *, reached: bool) -> bool:
    flags = line["flags"]
    if flags != "-":
        known = set(flags.split(","))
        if known & BY_VERSION and status != LATE_CLIENT:
            return True
        if known & BY_CLIENT:
            return status >= 500
    if not reached:
        return False
    return status >= 500 or line.get("grpc_status") in GRPC_FAILURES or (status == 0 and line["protocol"] != "TCP")


def _duration_ms(line: Line) -> float:
    """Of a TCP connection, what it took to be made: how long it is used says nothing of the version."""
    connected_us: int | None = line.get("connected_us")
    return line["duration_ms"] if connected_us is None else connected_us / 1000
