"""Faults injected into a canary under load, on both runtimes: each has to be caught; how long that took.

Limit: the fewest bad units that could tell the fault from chance decide the time, so beside each time stands the share
of all requests that the faulty version answered until it was gone.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from tests import images

from bench.canary import RATE, Judged, deploy, service
from bench.containers import missing
from bench.figures import Figures, Row
from bench.load.process import Load, Result
from bench.town import town

TIMES = 2
"""Releases of each fault on each runtime."""

FAULTS = ("slow", "errors-x3", "errors-x10", "half", "crash", "leak", "cost", "quality")


def measure(times: int) -> Figures:
    """Every fault on every runtime that there is."""
    figures = Figures([])
    for runtime in ("process", "docker"):
        if runtime == "docker" and (why := missing()):
            figures.rows.append({"runtime": runtime, "not measured": why})
            continue
        for row, judged in _on(runtime, times):
            figures.rows.append(row)
            figures.broken += [f"{runtime}: {one.fault} was not taken back: {one}" for one in judged if _missed(one)]
    return figures


def _on(runtime: str, times: int) -> Iterator[tuple[Row, Sequence[Judged]]]:
    with town(runtime=runtime) as there:
        there.images = _images(runtime)
        there.declare({"llm": service(there)})
        there.up()
        for fault in FAULTS:
            with Load(there.url, plain=["/llm/"], rate=RATE) as load:
                judged = [deploy(there, fault, number) for number in range(times)]
            yield _row(runtime, fault, judged, load.result), judged


def _images(runtime: str) -> dict[str, str]:
    """Images of this machine's own files, since what is measured is no registry."""
    if runtime == "process":
        return {}
    images.ensure()
    return {"python": images.PYTHON, "debian": images.DEBIAN}


def _missed(judged: Judged) -> bool:
    return judged.state != "taken back"


def _row(runtime: str, fault: str, judged: Sequence[Judged], result: Result) -> Row:
    versions = result.facts["versions"]
    answers = {name.split()[-1]: found["answers"] for name, found in versions.items()}
    bad = sum(count for version, count in answers.items() if version != "v1")
    seconds = [one.seconds for one in judged]
    return {
        "runtime": runtime,
        "fault": fault,
        "taken back": f"{sum(not _missed(one) for one in judged)} of {len(judged)}",
        "seconds (median / worst)": f"{statistics.median(seconds):.1f} / {max(seconds):.1f}",
        "requests it answered": f"{100 * bad / max(sum(answers.values()), 1):.1f} %",
        "why": judged[-1].reason[:70],
    }
