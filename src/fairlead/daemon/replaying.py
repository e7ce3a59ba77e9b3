"""A judgement repeated from the journal, without a daemon: by the policy it had, or by other margins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairlead.daemon.records import History
from fairlead.engine.journal.database import Journal
from fairlead.errors import ReleaseError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.history import Release
from fairlead.release.judge import Policy, Verdict
from fairlead.release.judging.observation import policies_of
from fairlead.release.judging.replay import replay
from fairlead.release.judging.standing import Standing
from fairlead.release.judging.verdicts import figures, named

Row = dict[str, Any]


def replayed(journal: Path, release: str, margins: Mapping[str, float] = {}) -> dict[str, Any]:
    """What was known when, and the first verdict that it led to; `margins` by indicator (`errors`, `hub/errors`).

    JSON. Changes nothing. Raises `UsageError` or `ReleaseError` for what can't be repeated.
    """
    if not journal.exists():
        raise UsageError(f"there is no release `{release}`", hint="nothing has been released here yet")
    opened = Journal(journal, read_only=True)
    try:
        history = History(opened)
        found, records = history.one(release), history.observations(release)
    finally:
        opened.close()
    policies = policies_of(records)
    if policies is None:
        raise ReleaseError(
            f"{release}: was not judged, or what was observed of it is kept no more",
            hint=f"`fairlead history {release}` tells what is known of it",
        )
    return _told(found, records, _with(policies, margins))


def _told(release: Release, records: list[dict[str, Any]], policies: Mapping[str, Policy]) -> dict[str, Any]:
    timeline: list[Row] = []
    last: tuple[Standing, Verdict] | None = None
    for last in replay(records, policies):
        row = _row(*last)
        if _is_news(row, timeline):
            timeline.append(row)
        if last[1].kind != "hold":
            break
    if last is None:
        raise ReleaseError(f"{release.id}: nothing was observed: there is no judgement to repeat")
    shown = release.to_json()
    known = {key: shown[key] for key in ("id", "service", "from", "to", "with", "strategy", "state", "reason")}
    ended = {"verdict": last[1].kind, "why": last[1].why, **figures(*last)}
    margins = dict(_margins(policies, last[0]))
    return {**known, "then": shown.get("verdict"), "margins": margins, "timeline": timeline, "now": ended}


def _row(standing: Standing, found: Verdict) -> Row:
    return {
        "seconds": standing.seconds,
        "shares": {service: 100 * (case.state.share or 0.0) for service, case in standing.cases.items()},
        "requests": {service: list(case.requests) for service, case in standing.cases.items()},
        "silent": sorted(name for name, evidence in found.evidence.items() if evidence.silent),
        "verdict": found.kind,
        "why": found.why,
    }


def _is_news(row: Row, timeline: list[Row]) -> bool:
    """Whether it stands otherwise than before; while shares change there is nothing to tell but a verdict."""
    if row["verdict"] == "hold" and not any(row["shares"].values()):
        return False
    return not timeline or _stands(row) != _stands(timeline[-1])


def _stands(row: Row) -> tuple[object, ...]:
    return row["shares"], row["silent"], row["verdict"]


def _margins(policies: Mapping[str, Policy], standing: Standing) -> Iterator[tuple[str, float]]:
    for service, policy in policies.items():
        for name, margin in policy.indicators.items():
            yield named(standing, service, name), margin.ratio


def _with(policies: Mapping[str, Policy], margins: Mapping[str, float]) -> dict[str, Policy]:
    """The policies with some margins changed. Raises `UsageError` for an indicator that there is not."""
    changed = dict(policies)
    for name, ratio in margins.items():
        service, _, indicator = name.rpartition("/")
        meant = [one for one in changed if indicator in changed[one].indicators and service in ("", one)]
        if not meant:
            known = {indicator for policy in policies.values() for indicator in policy.indicators}
            raise UsageError(f"--margin {name}: this release was not judged by that", hint=hint(indicator, known))
        if not ratio > 1:
            raise UsageError(f"--margin {name}: should be more than 1, got {ratio:g}")
        changed |= {one: _changed(changed[one], indicator, ratio) for one in meant}
    return changed


def _changed(policy: Policy, indicator: str, ratio: float) -> Policy:
    margin = replace(policy.indicators[indicator], ratio=ratio)
    return replace(policy, indicators={**policy.indicators, indicator: margin})
