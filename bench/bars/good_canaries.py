"""Good versions released by canary under load, some through an incident that hits both versions: none is taken back.

Limit: the promise is 1 % at most; the interval at 95 % is printed beside what was seen.
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Sequence
from pathlib import Path

from bench.canary import RATE, Judged, deploy, service
from bench.figures import Figures, Row
from bench.judge.interval import interval
from bench.load.process import Load
from bench.town import Town, town

TIMES = 100
INCIDENT_AFTER_S, INCIDENT_S = 5.0, 10.0


def measure(times: int) -> Figures:
    """`times` releases without an incident, and a quarter as many with one in each."""
    figures = Figures([])
    with town() as there:
        there.declare({"llm": service(there)})
        there.up()
        for what, count in (("quiet", times), ("incident", max(1, times // 4))):
            with Load(there.url, plain=["/llm/"], rate=RATE) as load:
                judged = [_one(there, number, what == "incident") for number in range(count)]
            figures.rows.append(_row(what, judged))
            figures.broken += [f"{what}: a good version was taken back: {one}" for one in judged if _lost(one)]
            figures.details[what] = {"judged": judged, "load": load.result.facts}
    return figures


def _one(there: Town, number: int, has_incident: bool) -> Judged:
    if not has_incident:
        return deploy(there, "", number)
    mark = there.state / "data" / "llm" / "state" / "incident"
    begins = threading.Timer(INCIDENT_AFTER_S, mark.touch)
    ends = threading.Timer(INCIDENT_AFTER_S + INCIDENT_S, lambda: mark.unlink(missing_ok=True))
    begins.start()
    ends.start()
    try:
        return deploy(there, "", 10_000 + number)
    finally:
        _over(begins, ends, mark)


def _over(begins: threading.Timer, ends: threading.Timer, mark: Path) -> None:
    for timer in (begins, ends):
        timer.cancel()
        timer.join()
    mark.unlink(missing_ok=True)


def _lost(judged: Judged) -> bool:
    return judged.state != "succeeded"


def _row(what: str, judged: Sequence[Judged]) -> Row:
    lost = sum(_lost(one) for one in judged)
    lower, upper = interval(lost, len(judged))
    seconds = [one.seconds for one in judged]
    return {
        "good releases": what,
        "times": len(judged),
        "taken back": f"{lost} ({100 * lower:.1f} to {100 * upper:.1f} %)",
        "seconds to all requests (median / worst)": f"{statistics.median(seconds):.0f} / {max(seconds):.0f}",
    }
