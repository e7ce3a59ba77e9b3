"""`kill -9` of the daemon, of the command line and of Envoy at random instants of releases under load.

Limit: after each, one version holds all requests, nothing is orphaned, and the journal agrees with what runs. For the
daemon and the command line, no request fails and no stream is cut. Envoy takes its connections along: how many, and how
long until it serves again, is printed.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench import real
from bench.figures import Figures, Row, milliseconds
from bench.load.process import Load, Result
from bench.processes import alive
from bench.town import Town, town, until
from bench.truth import settled
from fairlead.engine.routers.program import INSTANCE as ROUTER

TIMES = 200
SERVICES = ("node", "nginx")
STRATEGIES = ("blue-green", "rolling")
FIRST_S = 0.1
"""Before that, the command line has not said a word to the daemon."""

STREAM_S = 3.5
Kill = Callable[[Town, "subprocess.Popen[str]"], None]


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill: when (seconds since the epoch), how far into a release, and what was wrong afterwards."""

    at: float
    after_s: float
    outcome: str
    settled_s: float
    lies: Sequence[str]


def measure(times: int) -> Figures:
    """The daemon, the command line and Envoy, `times` each."""
    figures = Figures([])
    kinds: Mapping[str, Kill] = {"daemon": _daemon, "command line": _cli, "envoy": _envoy}
    with town() as there:
        _prepare(there)
        span_s = _release_time(there)
        for what, kill in kinds.items():
            with Load(there.url, **real.paths(*SERVICES)) as load:
                kills = [_one(there, kill, number, span_s) for number in range(times)]
                time.sleep(STREAM_S)
            figures.rows.append(_row(what, kills, load.result))
            figures.broken += _broken(what, kills, load.result)
            figures.details[what] = {"kills": kills, "load": load.result.facts}
            if what == "envoy":
                figures.rows.append(_outages(kills, load.result))
    return figures


def _prepare(there: Town) -> None:
    for name in SERVICES:
        real.copy(name, there.folder)
    there.declare({name: {**real.service(name, watch="300ms", keep_warm="0s"), "scale": 2} for name in SERVICES})
    there.up()


def _release_time(there: Town) -> float:
    """How long a release takes that nobody disturbs: kills are spread over a little more than that."""
    began = time.monotonic()
    for number, strategy in enumerate(STRATEGIES):
        there.fairlead("deploy", SERVICES[0], "--strategy", strategy, "--set", f"environment.ROUND=first-{number}")
    return 1.2 * (time.monotonic() - began) / len(STRATEGIES)


def _one(there: Town, kill: Kill, number: int, span_s: float) -> Killed:
    service, strategy = SERVICES[number % 2], STRATEGIES[number // 2 % 2]
    mark = f"{kill.__name__}-{number}"
    release = there.begin("deploy", service, "--strategy", strategy, "--set", f"environment.ROUND={mark}")
    after_s = FIRST_S + random.random() * span_s
    time.sleep(after_s)
    at = time.time()
    kill(there, release)
    release.communicate(timeout=120)
    began = time.monotonic()
    found = settled(there, SERVICES)
    newest = there.releases(service)[0]
    return Killed(at, after_s, newest["state"], time.monotonic() - began, found)


def _daemon(there: Town, release: subprocess.Popen[str]) -> None:
    there.kill_daemon()
    there.fairlead("daemon", "start")


def _cli(there: Town, release: subprocess.Popen[str]) -> None:
    release.kill()


def _envoy(there: Town, release: subprocess.Popen[str]) -> None:
    pid = next(pid for pid, instance in there.processes().items() if instance == ROUTER)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "Envoy is gone")


def _row(what: str, kills: Sequence[Killed], result: Result) -> Row:
    outcomes = [kill.outcome for kill in kills]
    return {
        "killed": what,
        "times": len(kills),
        "succeeded / taken back": f"{outcomes.count('succeeded')} / {outcomes.count('taken back')}",
        "contradictions": sum(bool(kill.lies) for kill in kills),
        "at rest again after (median / worst)": milliseconds([kill.settled_s for kill in kills]),
        "requests": result.count("requests"),
        "failed": result.failed,
        "streams": result.count("streams whole"),
        "cut": result.cut,
    }


def _broken(what: str, kills: Sequence[Killed], result: Result) -> list[str]:
    found = [f"{what}, {kill.after_s:.3f} s into a release: {'; '.join(kill.lies)}" for kill in kills if kill.lies]
    if what != "envoy" and result.failed + result.cut:
        found.append(f"{what}: {result.failed} failed, {result.cut} cut: {result.why}")
    return found


def _outages(kills: Sequence[Killed], result: Result) -> Row:
    """What each death of Envoy cost: failures until the next one, and the time to the first answer after the last."""
    failures = [failure for failure in result.facts["failures"] if "refused" not in failure["what"]]
    requests, cut, outages = [], [], []
    for kill, following in zip(kills, [*(kill.at for kill in kills[1:]), float("inf")], strict=True):
        mine = [failure for failure in failures if kill.at <= failure["at"] < following]
        requests.append(sum(failure["what"] == "request failed" for failure in mine))
        cut.append(len(mine) - requests[-1])
        last = max((failure["at"] for failure in mine), default=kill.at)
        outages.append(next((seen.at for seen in result.answers if seen.at > last), last) - kill.at)
    return {
        "envoy killed": len(kills),
        "requests lost each time (median / worst)": f"{statistics.median(requests):g} / {max(requests)}",
        "streams cut": f"{statistics.median(cut):g} / {max(cut)}",
        "serves again after (median / worst)": milliseconds(outages),
    }
