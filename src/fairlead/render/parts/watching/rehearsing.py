"""Rehearsals of alerts: series under which each stays silent, fires, and is over, as `promtool test rules` plays them.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fairlead.render.parts.watching.alert import Alert, Bound, Rehearsal
from fairlead.render.parts.watching.measures import Feed, Measure

SLACK_M = 3
QUIET_M = 20
LONG_M = 150
"""From this length on, rules are looked at every five minutes rather than every one: it is the same, and quicker."""

Phase = tuple[int, float]


def played(measure: Measure, bound: Bound, lasting_s: float) -> Rehearsal | None:
    """Silent, firing, and silent again. `None` for what can't happen: more than all, less than nothing."""
    quiet, firing = _quiet(bound), _firing(measure, bound)
    if firing is None:
        return None
    before = max(QUIET_M, measure.lead_m) + measure.window_m
    during = measure.window_m + -(-round(lasting_s) // 60) + SLACK_M * 2
    after = measure.window_m * 2 + SLACK_M + QUIET_M
    every = 5 if before + during + after > LONG_M else 1
    before, during, after = (-(-length // 5) * 5 for length in (before, during, after))
    phases = ((before, quiet), (during, firing), (after, quiet))
    series = {feed.series: values(feed, phases) for feed in measure.feeds(bound.value)}
    end = before + during
    return Rehearsal(series, (end - every,), (before - every, end + after - every), every)


def _firing(measure: Measure, bound: Bound) -> float | None:
    if bound.above:
        wanted = bound.value * 3 if bound.value > 0 else bound.value * 0.5 + 1
        if measure.most is not None and wanted > measure.most:
            wanted = (bound.value + measure.most) / 2
        return wanted if wanted > bound.value else None
    return bound.value / 2 if bound.value > 0 else None


def _quiet(bound: Bound) -> float:
    if bound.above:
        return bound.value / 2 if bound.value > 0 else bound.value
    return bound.value + (1 - bound.value) / 2 if 0 < bound.value < 1 else bound.value * 2


def values(feed: Feed, phases: Sequence[Phase]) -> str:
    """A series in promtool's notation, one sample a minute."""
    parts, reached = [], 0.0
    for minutes, wanted in phases:
        step = feed.of(wanted)
        if feed.kind == "gauge":
            parts.append(f"{number(step)}+0x{minutes - 1}")
        else:
            parts.append(f"{number(reached + step)}+{number(step)}x{minutes - 1}")
            reached += step * minutes
    return " ".join(parts)


def number(value: float) -> str:
    """Without an exponent, which promtool's notation does not know."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def tests(rule_file: str, alerts: Iterable[Alert]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The test files of one file of rules, by how often rules are looked at, each with what its name ends in."""
    found = [(alert, alert.rehearsal) for alert in alerts if alert.rehearsal]
    for every in sorted({rehearsal.every_m for _, rehearsal in found}):
        played = [_test(alert, rehearsal) for alert, rehearsal in found if rehearsal.every_m == every]
        data = {"rule_files": [rule_file], "evaluation_interval": f"{every}m", "tests": played}
        yield ("" if every == 1 else "-long"), data


def _test(alert: Alert, rehearsal: Rehearsal) -> dict[str, Any]:
    series = [{"series": name, "values": text} for name, text in rehearsal.series.items()]
    moments = sorted([*((at, 1) for at in rehearsal.fires_at), *((at, 0) for at in rehearsal.silent_at)])
    labels = {"alertname": alert.name, "alertstate": "firing", "severity": alert.severity, **alert.labels}
    asked = f"count(ALERTS{{{','.join(f'{key}={_quoted(value)}' for key, value in labels.items())}}}) or vector(0)"
    checks = [
        {"expr": asked, "eval_time": f"{at}m", "exp_samples": [{"labels": "{}", "value": value}]}
        for at, value in moments
    ]
    return {
        "name": f"{alert.name}: {alert.summary}",
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": checks,
    }


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
