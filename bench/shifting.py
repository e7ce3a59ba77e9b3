"""An engine in a process of its own that does nothing but move shares: how weight changes are measured.

`python -m bench.shifting STACK_FILE SERVICE… --times N` takes over a stack whose daemon has been stopped, as any daemon
would, moves the shares of each service between its two newest versions, and prints a JSON line for each change: how
long the router took to apply and confirm it, and how long the whole of it took, journal included.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from fairlead.daemon.composition import put_together
from fairlead.daemon.paths import StatePaths
from fairlead.engine.engine import Engine
from fairlead.engine.journal import Journal
from fairlead.engine.lock import OwnerLock
from fairlead.engine.router import Routing
from fairlead.engine.routers.envoy import EnvoyRouter
from fairlead.engine.saying import silent

SHARES = (10.0, 50.0, 90.0, 25.0, 100.0, 75.0, 0.0)
"""Percent of the newer version, in turn; the ends are among them."""

PAUSE_S = 0.3
"""Between two changes, so that requests are served by each."""


class TimedRouter(EnvoyRouter):
    """Adds up the time it takes to apply and confirm."""

    spent_s = 0.0

    async def apply(self, routing: Routing) -> str:
        began = time.perf_counter()
        revision = await super().apply(routing)
        self.spent_s += time.perf_counter() - began
        return revision

    async def confirm(self, revision: str, *, timeout_s: float = 10.0) -> None:
        began = time.perf_counter()
        await super().confirm(revision, timeout_s=timeout_s)
        self.spent_s += time.perf_counter() - began


async def shift(file: Path, services: Sequence[str], times: int) -> None:
    """Take the stack over, move shares, end with all requests on the newer version, and let go."""
    paths = StatePaths(file)
    engine = put_together(paths, Journal(paths.journal), silent, TimedRouter)
    router = engine.router
    assert isinstance(router, TimedRouter)
    await engine.open(os.environ)
    await engine.switchboard.routed()
    for share, service in itertools.product([*itertools.islice(itertools.cycle(SHARES), times), 100.0], services):
        await _one(engine, router, service, share)
        await asyncio.sleep(PAUSE_S / len(services))
    await engine.close()


async def _one(engine: Engine, router: TimedRouter, service: str, share: float) -> None:
    older, newer = sorted(engine.fleet.wanted(service), key=lambda version: int(version.removeprefix("v")))[-2:]
    if engine.book.shares(service) == {newer: share}:
        return
    router.spent_s, began = 0.0, time.perf_counter()
    await engine.stage.shift(service, {older: 100.0 - share, newer: share})
    whole_s = time.perf_counter() - began
    print(json.dumps({"service": service, "share": share, "router_s": router.spent_s, "whole_s": whole_s}), flush=True)


def main() -> None:
    """Hold the stack's lock meanwhile."""
    parser = argparse.ArgumentParser(prog="python -m bench.shifting", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("services", nargs="+")
    parser.add_argument("--times", type=int, default=50)
    asked = parser.parse_args()
    lock = OwnerLock(StatePaths(asked.file).lock)
    lock.take(since=time.time(), file=str(asked.file))
    try:
        asyncio.run(shift(asked.file, asked.services, asked.times))
    finally:
        lock.free()


if __name__ == "__main__":
    main()
