"""`kill -9` of one of two replicas under load, on uvicorn, Node and nginx.

Limit: no request fails that had not had a byte of its answer. Streams on the dead replica are cut, as they must be.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping, Sequence

from bench import real
from bench.figures import Figures, milliseconds
from bench.load.process import Load, Result
from bench.town import Town, town, until

TIMES = 50
PAUSE_S = 0.3
QUICK = {"backoff": "100ms", "backoff_max": "100ms", "stable": "200ms"}
"""Restarts at once and without end: it is the router that is measured."""


def measure(times: int) -> Figures:
    """The same for each server, one after the other."""
    figures = Figures([])
    for name in real.SWITCHED:
        with town() as there:
            real.copy(name, there.folder)
            there.declare({name: {**real.service(name), "scale": 2, "restart": QUICK}})
            there.up()
            paths = real.paths(name)
            with Load(there.url, **paths) as load:
                back = [_one(there, name) for _ in range(times)]
                time.sleep(PAUSE_S)
        figures.rows.append(_row(name, back, load.result))
        figures.details[name] = {"back_s": back, "load": load.result.facts}
        if unanswered(load.result):
            figures.broken.append(f"{name}: {unanswered(load.result)} failed without a byte: {load.result.why}")
    return figures


def _one(there: Town, name: str) -> float:
    """Kill a replica, and give the seconds until there are two again."""
    victim = random.choice(there.instances(name))
    os.kill(victim["pid"], signal.SIGKILL)
    back = until(lambda: _is_back(there, name, victim), f"{victim['id']} is back")
    time.sleep(PAUSE_S)
    return back


def _is_back(there: Town, name: str, victim: Mapping[str, object]) -> bool:
    found = there.instances(name)
    return len(found) == 2 and all(one["state"] == "ready" and one["pid"] != victim["pid"] for one in found)


def unanswered(result: Result) -> int:
    """Requests, streams and WebSockets that failed without a byte of an answer, or with an error of the router."""
    whats = ("request failed", "stream refused", "websocket refused")
    return sum(f["what"] in whats and f["why"] != "cut short" for f in result.facts["failures"])


def _row(name: str, back: Sequence[float], result: Result) -> dict[str, object]:
    return {
        "server": name,
        "replicas killed": len(back),
        "requests": result.count("requests"),
        "failed without a byte": unanswered(result),
        "cut amid an answer": result.count("request failed: cut short"),
        "streams whole": result.count("streams whole"),
        "streams cut": result.count("stream cut") + result.count("websocket cut"),
        "two again after (median / worst)": milliseconds(back),
    }
