"""One verdict for all services of a release: taken back when any is worse, promoted when all are good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any

from fairlead.release.judge import Needed, Verdict
from fairlead.release.judge import verdict as verdict_of
from fairlead.release.judge.verdict import Kind
from fairlead.release.judging.standing import Case, Standing

LATER: tuple[Kind, ...] = ("roll back", "hold")
"""What one service is enough for."""


def verdict(standing: Standing, *, forecast: bool = True) -> Verdict:
    """The decision on the release. Evidence is named by its indicator, with its service where there are several."""
    found = {service: _of_one(case, forecast) for service, case in standing.cases.items()}
    evidence = {
        named(standing, service, name): seen for service, one in found.items() for name, seen in one.evidence.items()
    }
    for kind in LATER:
        if why := [named(standing, service, one.why, ": ") for service, one in found.items() if one.kind == kind]:
            return Verdict(kind, "; ".join(why), evidence, _slowest(standing, found) if kind == "hold" else None)
    return Verdict("promote", "within the margin in everything", evidence)


def named(standing: Standing, service: str, what: str, between: str = "/") -> str:
    """Something of a service: by itself where it is the only one, else after its name."""
    return what if len(standing.cases) == 1 else f"{service}{between}{what}"


def figures(standing: Standing, found: Verdict) -> dict[str, Any]:
    """What a verdict rests on, as the history keeps it: JSON."""
    return {
        "evidence": {name: evidence.to_json() for name, evidence in found.evidence.items()},
        "seconds": standing.seconds,
        "requests": {
            service: {"stable": case.requests[0], "canary": case.requests[1]}
            for service, case in standing.cases.items()
        },
    }


def _of_one(case: Case, forecast: bool) -> Verdict:
    found = verdict_of(case.state, forecast=forecast)
    missed = None if case.mirrored or found.kind == "roll back" else case.run.missed()
    if missed is None:
        return found
    return Verdict("roll back", f"it has answered none of about {missed:.0f} requests in a row", found.evidence)


def _slowest(standing: Standing, found: Mapping[str, Verdict]) -> Needed | None:
    needs = [
        replace(one.needed, indicator=named(standing, service, one.needed.indicator))
        for service, one in found.items()
        if one.needed
    ]
    return max(needs, key=lambda need: inf if need.seconds is None else need.seconds, default=None)
