"""The process itself, by the names that Prometheus' clients give it, and how late its event loop is.

https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics. Nothing but callbacks run in this loop, so
its lag is the time that a request waits for others.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from fairlead.apps.hub.figures import Figure
from fairlead.apps.hub.watching.histograms import Histogram

EVERY_S = 0.25
LAG_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LAG = "fairlead_hub_event_loop_lag_seconds"
LAG_WORDS = "Seconds by which the event loop was late, looked at four times a second: what a request waits for others."

PROC = Path("/proc/self")
PAGE_BYTES = resource.getpagesize()


class Loop:
    """How late it is."""

    def __init__(self) -> None:
        self.lag = Histogram(LAG_S)
        self.last_s = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.last_s = max(0.0, loop.time() - due)
            self.lag.add(self.last_s)


def figures() -> Iterator[Figure]:
    """What the kernel knows of it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield Figure(
        "process_cpu_seconds_total", "counter", "Seconds of CPU, in user and system mode.",
        [({}, used.ru_utime + used.ru_stime)],
    )  # fmt: skip
    yield Figure("process_start_time_seconds", "gauge", "When it began, in seconds since 1970.", [({}, BEGAN)])
    yield Figure(
        "process_resident_memory_bytes", "gauge", "Memory that it has in use.", [({}, float(resident_bytes()))]
    )
    yield Figure("process_open_fds", "gauge", "Open files and connections.", [({}, float(open_files()))])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield Figure("process_max_fds", "gauge", "Files and connections that it may open.", [({}, float(most))])


def resident_bytes() -> int:
    """Now; where there is no /proc, at most."""
    try:
        return int((PROC / "statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def open_files() -> int:
    """Now; 0 where there is no /proc."""
    try:
        return len(os.listdir(PROC / "fd")) - 1  # noqa: PTH208 - a path for each of ten thousand would take too long
    except OSError:
        return 0


def _began() -> float:
    """From the 22nd field of /proc/self/stat: ticks after the machine did (proc(5))."""
    try:
        ticks = int((PROC / "stat").read_text().rpartition(")")[2].split()[19])
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.time()


BEGAN = _began()
