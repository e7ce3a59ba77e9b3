"""`kill -9` of the engine amid canaries: the share goes to zero without it, and it ends them right on its return.

Limit: the lease. Time is counted from the kill to the last answer of the canary; no request may fail.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.canary import RATE, service
from bench.figures import Figures, Row
from bench.load.process import Load, Seen
from bench.town import Town, town, until
from fairlead.engine.leasing import LEASE_S

TIMES = 50
AWAY_S = LEASE_S + 4.0
"""How long the engine stays away."""

FAULTS = ("", "cost")
"""Good and bad in turn; neither fails requests, so that every failure is one of ours."""


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill: when, the version that was on its way in, and how its release ended."""

    at: float
    back: float
    fault: str
    version: str
    state: str


def measure(times: int) -> Figures:
    """`times` canaries, good and bad in turn."""
    figures = Figures([])
    with town() as there:
        there.declare({"llm": _quiet(there)})
        there.up()
        with Load(there.url, plain=["/llm/"], rate=RATE) as load:
            kills = [_one(there, number) for number in range(times)]
        result = load.result
    overdue = [_last_answer(result.answers, kill) - kill.at for kill in kills]
    figures.rows.append(_row(kills, overdue, result.count("requests"), result.failed))
    figures.broken += [f"not judged right: {kill}" for kill in kills if kill.state != _right(kill.fault)]
    figures.broken += [f"the canary answered {after:.1f} s after the kill" for after in overdue if after > LEASE_S + 1]
    if result.failed:
        figures.broken.append(f"{result.failed} requests failed: {result.why}")
    figures.details |= {"kills": kills, "load": result.facts}
    return figures


def _quiet(there: Town) -> dict[str, object]:
    """The service without errors of its own: whatever fails has been lost on the way."""
    spec = service(there)
    spec["environment"] |= {"ERRORS": "0"}
    return spec


def _one(there: Town, number: int) -> Killed:
    fault = FAULTS[number % len(FAULTS)]
    command = ["deploy", "llm", "--set", f"environment.FAULT={fault}", "--set", f"environment.ROUND={number}"]
    with there.begin(*command) as release:
        until(lambda: len(there.shares("llm")) == 2, "the canary has its share", within_s=60.0)
        version = there.releases("llm")[0]["to"]
        time.sleep(random.uniform(0.0, 6.0))
        at = time.time()
        there.kill_daemon()
        release.communicate(timeout=60)
    time.sleep(AWAY_S)
    back = time.time()
    there.fairlead("daemon", "start")
    until(lambda: there.releases("llm")[0]["state"] != "running", "the release has ended", within_s=600.0)
    return Killed(at, back, fault, version, there.releases("llm")[0]["state"])


def _right(fault: str) -> str:
    return "taken back" if fault else "succeeded"


def _last_answer(answers: Sequence[Seen], kill: Killed) -> float:
    """When the canary answered last before the engine was back."""
    return max((seen.at for seen in answers if seen.version == kill.version and seen.at < kill.back), default=kill.at)


def _row(kills: Sequence[Killed], overdue: Sequence[float], requests: int, failed: int) -> Row:
    right = sum(kill.state == _right(kill.fault) for kill in kills)
    return {
        "engine killed amid a canary": len(kills),
        "kill to the canary's last answer (median / worst)": f"{sorted(overdue)[len(overdue) // 2]:.1f} / "
        f"{max(overdue):.1f} s",
        "limit: the lease": f"{LEASE_S:g} s",
        "right verdict after its return": f"{right} of {len(kills)}",
        "requests": requests,
        "failed": failed,
    }
