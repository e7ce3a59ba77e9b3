"""Rollback to a version that is kept warm, under load: from the command to the last answer of the version that goes.

Limit: the router's own time to apply and confirm a change of shares, measured on the same stack under the same load.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench import real
from bench.bars.switches import shifted
from bench.figures import Figures, Row, milliseconds
from bench.load.process import Load, Seen
from bench.town import Town, town

TIMES = 50
SERVICES = ("uvicorn", "node")
BETWEEN_S = 0.4
"""Between two rollbacks: long enough to see who answers."""


def measure(times: int) -> Figures:
    """Rollbacks to and fro between two warm versions of each server."""
    figures = Figures([])
    with town() as there:
        for name in SERVICES:
            real.copy(name, there.folder)
        there.declare({name: real.service(name, keep_warm="1h") for name in SERVICES})
        there.up()
        for name in SERVICES:
            there.fairlead("deploy", name, "--set", "environment.ROUND=1")
        with Load(there.url, **real.paths(*SERVICES)) as load:
            spans = {name: [_one(there, name) for _ in range(times)] for name in SERVICES}
            releases = {name: _times(there, name, times) for name in SERVICES}
            changes = shifted(there, SERVICES, times)
            time.sleep(BETWEEN_S)
    result = load.result
    for name in SERVICES:
        lasts = [last_answer(result.answers, f"/{name}/", *span) for span in spans[name]]
        router = [change["router_s"] for change in changes if change["service"] == name]
        figures.rows.append(_row(name, spans[name], lasts, releases[name], router))
        figures.details[name] = {"to_last_answer_s": lasts, "release_s": releases[name], "router_s": router}
    figures.details["load"] = result.facts
    if result.failed + result.cut:
        figures.broken.append(f"{result.failed} failed, {result.cut} cut: {result.why}")
    return figures


Span = tuple[float, float, str]
"""When the command was given and when it came back, in seconds since the epoch, and the version that had to go."""


def _one(there: Town, name: str) -> Span:
    leaving = next(iter(there.shares(name)))
    staying = next(found["version"] for found in there.service(name)["versions"] if found["version"] != leaving)
    began = time.time()
    there.fairlead("rollback", name, "--to", staying)
    ended = time.time()
    assert there.shares(name) == {staying: 100.0}
    time.sleep(BETWEEN_S)
    return began, ended, leaving


def _times(there: Town, name: str, times: int) -> list[float]:
    """How long each rollback took in the daemon."""
    return [release["ended"] - release["began"] for release in there.releases(name)[:times]]


def last_answer(answers: Sequence[Seen], path: str, began: float, ended: float, version: str) -> float:
    """Seconds from the command to the last answer of a version; 0 when it gave none after the command."""
    after = ended + BETWEEN_S / 2
    times = (seen.at for seen in answers if (seen.path, seen.version) == (path, version) and began < seen.at < after)
    return max(times, default=began) - began


def _row(
    name: str, spans: Sequence[Span], lasts: Sequence[float], releases: Sequence[float], router: Sequence[float]
) -> Row:
    return {
        "server": name,
        "rollbacks": len(lasts),
        "command to last answer of the version that goes (median / worst)": milliseconds(lasts),
        "command in all": milliseconds([ended - began for began, ended, _ in spans]),
        "in the daemon": milliseconds(releases),
        "limit: the router alone": milliseconds(router),
    }
