"""Whole texts: trees, prompts, and the way to the first of them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Row
from bench.guard.corpus import texts
from fairlead.apps.guard.library import loaded

PROMPT = 20_000
"""Bytes of a prompt."""
TIMES = 2000

_READY = """
import sys, time
from pathlib import Path
import fairlead.apps.guard.library as library
started, cpu = time.perf_counter(), time.process_time()
guard = library.loaded(Path(sys.argv[1]))
guard.scan("hello")
print(time.perf_counter() - started, time.process_time() - cpu)
"""


def ready(folder: Path) -> list[Row]:
    """The first time and from then on, in processes of their own; the time to import modules is not in it."""
    runs = [_ready(folder) for _ in range(6)]
    wall, cpu = (statistics.median(run[part] for run in runs[1:]) * 1000 for part in (0, 1))
    return [
        {"ready": "first time", "ms": round(runs[0][0] * 1000), "CPU ms": round(runs[0][1] * 1000)},
        {"ready": "from the cache", "ms": round(wall), "CPU ms": round(cpu)},
    ]


def _ready(folder: Path) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", _READY, str(folder)], capture_output=True, text=True, check=True)
    wall, cpu = done.stdout.split()
    return float(wall), float(cpu)


def whole(tree: Path) -> Row:
    """MB of text per CPU second, and what is found in a MB."""
    guard = loaded()
    contents = [data for _, data in texts(tree)]
    size = sum(map(len, contents)) / 1e6
    for data in contents[:500]:
        guard.scan_bytes(data)
    started = time.process_time()
    found = sum(len(guard.scan_bytes(data)) for data in contents)
    spent = time.process_time() - started
    return {
        "tree": "/".join(tree.parts[-2:]),
        "files": len(contents),
        "MB": round(size, 1),
        "MB/s": round(size / spent),
        "findings": found,
        "per MB": round(found / size, 2),
    }


def prompts(tree: Path) -> Row:
    """How long texts of the size of a long prompt take, one after another; the first half of them warms up."""
    guard = loaded()
    text = b"\n".join(data for _, (_, data) in zip(range(3000), texts(tree), strict=False)).decode("utf-8", "replace")
    chosen = [text[start : start + PROMPT] for start in range(0, len(text) - PROMPT, PROMPT)][:TIMES]
    for prompt in chosen[: len(chosen) // 2]:
        guard.scan(prompt)
    spent = []
    for prompt in chosen[len(chosen) // 2 :]:
        started = time.process_time_ns()
        guard.scan(prompt)
        spent.append((time.process_time_ns() - started) / 1000)
    cuts = statistics.quantiles(spent, n=100)
    return {"prompts of 20 KB": len(spent), "p50 µs": round(cuts[49]), "p99 µs": round(cuts[98])}
