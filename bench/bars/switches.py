"""Releases and weight changes under load, on uvicorn, Node and nginx: requests failed, streams and WebSockets cut.

Limit: none. Each round releases all three servers at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import real
from bench.figures import Figures, Row, milliseconds
from bench.load.process import ROOT, Load, Result
from bench.town import Town, town

TIMES = 50
SETTLE_S = 4.0
"""Longer than any stream of the load: what a last switch cuts is seen too."""

Switch = Callable[[Town, int], list[float]]


def measure(times: int) -> Figures:
    """All three kinds of switches."""
    figures = Figures([])
    with town() as there:
        for name in real.SWITCHED:
            real.copy(name, there.folder)
        for what, switch in (("blue-green", _blue_green), ("rolling, 3 replicas", _rolling), ("weights", _weights)):
            figures.rows.append(_under_load(figures, there, what, switch, times))
    return figures


def _under_load(figures: Figures, there: Town, what: str, switch: Switch, times: int) -> Row:
    prepare(there, what)
    with Load(there.url, **real.paths(*real.SWITCHED)) as load:
        took = switch(there, times)
        time.sleep(SETTLE_S)
    result = load.result
    figures.details[what] = {"took_s": took, "load": result.facts}
    figures.broken += [f"{what}: {result.failed} failed, {result.cut} cut: {result.why}"] * bool(
        result.failed + result.cut
    )
    return row(what, len(took), took, result)


def row(what: str, count: int, took: list[float], result: Result) -> Row:
    """One line of the table."""
    latency = result.facts["latency_ms"]
    return {
        "switches": what,
        "times": count,
        "requests": result.count("requests"),
        "failed": result.failed,
        "streams": result.count("streams whole"),
        "websockets": result.count("websockets whole"),
        "cut": result.cut,
        "a switch (median / worst)": milliseconds(took),
        "p50 / p99 / worst ms": f"{latency['p50']:.1f} / {latency['p99']:.1f} / {latency['worst']:.0f}",
    }


def prepare(there: Town, what: str) -> None:
    """The stack for one kind of switches, up and on its newest version."""
    policy = {
        "blue-green": {},
        "rolling, 3 replicas": {"strategy": "rolling"},
        "weights": {"keep_warm": "1h"},
    }[what]
    services = {name: real.service(name, **policy) for name in real.SWITCHED}
    if what.startswith("rolling"):
        services = {name: {**spec, "scale": 3} for name, spec in services.items()}
    there.declare(services)
    there.up()


def _blue_green(there: Town, times: int) -> list[float]:
    return [took for number in range(times) for took in release_all(there, f"blue-{number}")]


def _rolling(there: Town, times: int) -> list[float]:
    return [took for number in range(times) for took in release_all(there, f"rolling-{number}")]


def release_all(there: Town, mark: str) -> Iterator[float]:
    """Release every server at once; how long each release took, in seconds."""
    begun = [there.begin("deploy", name, "--set", f"environment.ROUND={mark}") for name in real.SWITCHED]
    for process in begun:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, f"{out}\n{err}\n{there.words()}"
    for name in real.SWITCHED:
        newest = there.service(name)["release"]
        yield newest["ended"] - newest["began"]


def _weights(there: Town, times: int) -> list[float]:
    list(release_all(there, "weights"))
    return [change["whole_s"] for change in shifted(there, real.SWITCHED, times)]


def shifted(there: Town, services: tuple[str, ...], times: int) -> list[dict[str, Any]]:
    """Move the shares of services between their two versions, in the place of the daemon."""
    there.fairlead("daemon", "stop")
    command = [sys.executable, "-m", "bench.shifting", str(there.file), *services, f"--times={times}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    there.fairlead("daemon", "start")
    return [json.loads(line) for line in done.stdout.splitlines()]
