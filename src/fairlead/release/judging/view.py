"""A judgement as others see it while it goes on: figures for a picture, and a line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.kit.quantity import format_duration
from fairlead.release.judge import Evidence
from fairlead.release.judging.answers import Situation, waits_for
from fairlead.release.judging.standing import Case
from fairlead.release.judging.subject import Subject
from fairlead.release.judging.verdicts import named


def view(now: Situation, unit: Mapping[str, Subject]) -> dict[str, Any]:
    """JSON. Shares are percent, parts (`worse`, `within`: how far to what decides) 0 to 1; `requests` by version."""
    shares = {service: _percent(case) for service, case in now.standing.cases.items()}
    seconds_left = now.found.needed.seconds if now.found.needed else None
    return {
        "share": next(iter(shares.values())),
        "shares": shares,
        "mirrored": now.mirrored,
        "requests": _requests(now, unit),
        "requests_per_s": _traffic(next(iter(now.standing.cases.values()))),
        "indicators": [_row(name, evidence) for name, evidence in now.found.evidence.items()],
        "verdict": now.found.kind,
        "why": now.found.why,
        "needed": now.found.needed.to_json() if now.found.needed else None,
        "seconds_left": seconds_left,
        "seconds": now.standing.seconds,
        "paused": now.paused,
        "burning": list(now.burning),
        "next": waits_for(now),
        "waits": _waits(now, next(iter(unit))),
        "deadline_s": now.deadline_s - now.standing.seconds,
        "at_deadline": now.at_deadline,
    }


def line(shown: Mapping[str, Any]) -> str:
    """The same in one line."""
    decides = max(shown["indicators"], key=lambda row: row["worse"], default=None)
    parts = [f"{'copies of ' if shown['mirrored'] else ''}{shown['share']:g}% of the requests"]
    parts += [", ".join(f"{version} answered {count:,.0f}" for version, count in shown["requests"].items())]
    if decides and decides["worse"] >= 0.1:
        parts.append(f"{decides['name']} {decides['worse']:.0%} of the way to taking it back")
    parts.append(shown["waits"] or _next(shown))
    return "; ".join(parts)


def _next(shown: Mapping[str, Any]) -> str:
    left = shown["seconds_left"]
    forecast = f", about {format_duration(float(round(left)))} to a verdict" if left is not None and left >= 1 else ""
    return f"waits for {shown['next'] or 'nothing'}{forecast}"


def _waits(now: Situation, lead: str) -> str | None:
    """Why nothing moves, where that is not just a matter of time."""
    if now.paused:
        return f"paused by {now.paused}"
    if now.burning:
        return now.burning[0]
    if now.overdue and now.at_deadline == "ask":
        return f"past its deadline: `fairlead promote {lead}` or `fairlead abort {lead}`"
    silent = {name: evidence.silent for name, evidence in now.found.evidence.items() if evidence.silent}
    return f"no evidence from {', '.join(f'{name} ({why})' for name, why in silent.items())}" if silent else None


def _row(name: str, evidence: Evidence) -> dict[str, Any]:
    return {
        "name": name,
        "worse": evidence.worse_part,
        "within": evidence.within_part,
        "ratio": evidence.ratio,
        "silent": evidence.silent,
    }


def _percent(case: Case) -> float:
    """Of the requests that it gets, or gets copies of."""
    share = case.state.share or 0.0
    return round(100 * (share / (1 - share) if case.mirrored else share), 6)


def _requests(now: Situation, unit: Mapping[str, Subject]) -> dict[str, float]:
    counted: dict[str, float] = {}
    for service, case in now.standing.cases.items():
        asked = unit[service].asked
        for version, count in zip((asked.stable, asked.canary), case.requests, strict=True):
            counted[named(now.standing, service, version, " ")] = count
    return counted


def _traffic(case: Case) -> float:
    """Requests in a second, of both versions."""
    errors = case.state.seen.get("errors")
    return errors.units_per_s if errors else 0.0
