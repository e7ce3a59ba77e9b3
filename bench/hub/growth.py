"""Whether memory grows: a million requests and 100,000 streams through one hub, and no more at the end than early on.

python -m bench.hub.growth [--times N]     N percent of it all; 5 for a quick look

The same with clients that vanish half way, and with a provider that stalls. Memory is that of the process (RSS), the
median of many looks in each part; "early" is the first twentieth. One look would not do: the spool is a mapped file of
4 MB that fills up again and again, and what of it was touched counts.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.figures import Figures, table
from bench.hub import mock
from bench.hub.gateways import Gateway, hub
from bench.hub.load import full
from bench.hub.mock import Mock
from bench.hub.programs import running, watched
from bench.hub.streams import at_once, left_alone

BUILD = Path("build/bench-hub").absolute()
REQUESTS = 1_000_000
STREAMS = 100_000
VANISHING = 20_000
STALLED = 10_000
AT_ONCE = 500
PARTS = 20
MOST = 1.05
"""Times the memory early on."""

Row = dict[str, object]


def main() -> int:
    """Measure, print, and end with 1 when it grew, or something is left open."""
    parser = argparse.ArgumentParser(prog="python -m bench.hub.growth", description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="percent of the whole")
    parser.add_argument("--results", type=Path, default=Path("build/bench"))
    asked = parser.parse_args()
    figures = measure(asked.times)
    print(f"\n{table(figures.rows)}\n")
    for what in figures.broken:
        print(f"BROKEN: {what}")
    print(figures.save(asked.results, "hub-growth"))
    return 1 if figures.broken else 0


def measure(percent: int) -> Figures:
    """One hub through all of it."""
    upstream = mock.started(BUILD, chunks=20, interval_ms=2)
    rows: list[Row] = []
    series: dict[str, list[float]] = {}
    with running(upstream.program):
        gateway = hub(BUILD / "growth", upstream.port)
        with running(gateway.program):
            here = Here(gateway, upstream, series)
            rows.append(here.grown("requests", REQUESTS * percent // 100, here.requests))
            rows.append(here.grown("streams", STREAMS * percent // 100, here.streams))
            rows.append(here.grown("clients that vanish", VANISHING * percent // 100, here.vanishing))
            rows.append(here.grown("a provider that stalls", STALLED * percent // 100, here.stalled))
            left = here.left_open()
    broken = [f"{row['what']}: {row['grown']}" for row in rows if float(str(row["grown"]).rstrip(" x")) > MOST]
    return Figures([*rows], broken + left, {"rss_mb": series})


@dataclass(frozen=True, slots=True)
class Here:
    """A hub and its provider."""

    gateway: Gateway
    upstream: Mock
    series: dict[str, list[float]]
    """Megabytes after each of twenty parts."""

    def grown(self, what: str, count: int, send: Callable[[int], None]) -> Row:
        """A twentieth of them, and then the rest: how much more memory that took."""
        part = max(AT_ONCE, count // PARTS)
        seen = self.series[what] = []
        for _ in range(max(2, count // part)):
            with watched(self.gateway.program) as memory:
                send(part)
            seen.append(memory.usual_mb)
        print(f"{what}: {' '.join(f'{one:g}' for one in seen)} MB", flush=True)
        before, after = seen[0], seen[-1]
        return {
            "what": what,
            "count": part * len(seen),
            "early MB": before,
            "end MB": after,
            "grown": f"{after / before:.3f} x",
        }

    def requests(self, count: int) -> None:
        """As many as wrk sends until there are so many."""
        done = 0
        while done < count:
            done += full(
                self.gateway, BUILD, connections=64, seconds=min(10.0, max(1.0, (count - done) / 8000))
            ).requests

    def streams(self, count: int) -> None:
        """To their end."""
        for _ in range(count // AT_ONCE):
            uvloop.run(at_once(self.gateway, AT_ONCE))

    def vanishing(self, count: int) -> None:
        """Left half way."""
        for _ in range(count // AT_ONCE):
            uvloop.run(at_once(self.gateway, AT_ONCE, leave_after=8))

    def stalled(self, count: int) -> None:
        """Half never begins, half never ends; half of the clients leave, half are told."""
        for number in range(count // AT_ONCE):
            uvloop.run(left_alone(self.gateway, AT_ONCE, ("stall", "halt")[number % 2], 0.3))

    def left_open(self) -> list[str]:
        """What is not over when everybody has gone: connections to the provider with an answer under way."""
        asyncio.run(asyncio.sleep(3))
        open_now = self.upstream.served()["open"]
        return [f"{open_now} connections to the provider are open, should be few"] if open_now > 2 * AT_ONCE else []


if __name__ == "__main__":
    sys.exit(main())
