"""What ten idle services cost: memory and CPU of daemon, Envoy and shims; and how long the command line takes to start.

Memory is the proportional set size (PSS): what would be free again if the process ended. Limit of the command line:
`python -c pass`, by the same interpreter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench import real
from bench.figures import Figures, Row
from bench.town import Town, town
from fairlead.engine.routers.program import INSTANCE as ROUTER
from fairlead.kit import proc

TIMES = 30
"""Seconds that nothing happens, and starts of the command line."""

SERVICES = 10
SETTLE_S = 3.0


def measure(times: int) -> Figures:
    """Look on for `times` seconds, then start each command as often."""
    figures = Figures([])
    with town() as there:
        real.copy("static", there.folder)
        there.declare({f"site-{number}": _site(number) for number in range(SERVICES)})
        there.up()
        time.sleep(SETTLE_S)
        figures.rows += _costs(there, times)
        figures.rows += [_start(there, what, words, times) for what, words in COMMANDS.items()]
    return figures


def _site(number: int) -> real.Spec:
    return {**real.service("static"), "expose": [{"path": f"/site-{number}", "strip_path": True}]}


def _costs(there: Town, seconds: int) -> list[Row]:
    shims = there.shims()
    envoy = [pid for pid, instance in there.processes().items() if instance == ROUTER]
    daemon = there.daemon
    assert daemon
    parts = {"daemon": [daemon], "envoy": envoy, f"{len(shims)} shims": [*shims]}
    before = {name: _cpu(pids) for name, pids in parts.items()}
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    rows = [(name, pss_bytes(pids), (_cpu(pids) - before[name]) / took) for name, pids in parts.items()]
    rows.append((f"all, for {SERVICES} services", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    return [
        {"idle": name, "memory (PSS)": f"{memory / 2**20:.1f} MiB", "CPU": f"{100 * cpu:.2f} % of a core"}
        for name, memory, cpu in rows
    ]


def _cpu(pids: Iterable[int]) -> float:
    return sum(proc.cpu_seconds(pid) for pid in pids)


def pss_bytes(pids: Iterable[int]) -> int:
    """The proportional set size of some processes, from /proc/PID/smaps_rollup."""
    return sum(_pss(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in pids)


def _pss(text: str) -> int:
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


COMMANDS: dict[str, Sequence[str]] = {
    "python -c pass (the limit)": ("-c", "pass"),
    "fairlead --help": ("-m", "fairlead", "--help"),
    "fairlead status": ("-m", "fairlead", "-f", "FILE", "status"),
}


def _start(there: Town, what: str, words: Sequence[str], times: int) -> Row:
    command = [sys.executable, *(str(there.file) if word == "FILE" else word for word in words)]
    spans = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        spans.append(time.perf_counter() - began)
    return {
        "command": what,
        "median": f"{statistics.median(spans) * 1000:.0f} ms",
        "best": f"{min(spans) * 1000:.0f} ms",
    }
