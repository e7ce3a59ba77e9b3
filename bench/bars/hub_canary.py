"""The hub itself released by canary under streams: nothing fails or is cut, and the judge sees cost and first token.

Good versions, versions whose answers cost more, and versions that are slow to begin, in turn. What tells them apart are
the hub's own metrics, declared as indicators.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bench.canary import Judged
from bench.figures import Figures, Row
from bench.hub_service import FAULTS, deploy, load, right, service
from bench.load.process import Load, Result
from bench.town import town

TIMES = 30


def measure(times: int) -> Figures:
    """`times` releases, every third of a kind."""
    figures = Figures([])
    with town() as there:
        there.declare({"hub": service(there)})
        there.up()
        with Load(there.url, **load()) as under:
            judged = [deploy(there, FAULTS[number % len(FAULTS)], number + 1) for number in range(times)]
        result = under.result
    figures.rows += [_row(fault, [one for one in judged if one.fault == fault]) for fault in FAULTS[:times]]
    figures.rows.append(_under(result))
    figures.broken += [f"not judged right: {one}" for one in judged if not right(one)]
    if result.failed or result.cut:
        figures.broken.append(f"{result.failed} requests failed, {result.cut} streams were cut: {result.why}")
    figures.details |= {"judged": judged, "load": result.facts}
    return figures


def _row(fault: str, judged: Sequence[Judged]) -> Row:
    seconds = [one.seconds for one in judged]
    return {
        "version of the hub": f"worse: {fault}" if fault else "good",
        "released": len(judged),
        "judged right": sum(map(right, judged)),
        "seconds to the end (median / worst)": f"{statistics.median(seconds):.0f} / {max(seconds):.0f}",
    }


def _under(result: Result) -> Row:
    return {
        "whole answers": result.count("requests"),
        "failed": result.failed,
        "streams read to their end": result.count("streams whole"),
        "cut": result.cut,
    }
