"""A runbook for each alert: what it means, who is told, what to look at, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts import alerting
from fairlead.render.parts.watching.alert import Alert, page
from fairlead.render.parts.watching.where import Where
from fairlead.render.target import File
from fairlead.render.targets.runbooks.advice import advice
from fairlead.render.targets.runbooks.words import Page, duration, shell, table


def by_name(stack_page: Page) -> dict[str, list[Alert]]:
    """The alerts of one server's rules; a cluster's have the same names."""
    found: dict[str, list[Alert]] = {}
    for alert in alerting.alerts(Where(stack_page.stack)):
        found.setdefault(alert.name, []).append(alert)
    return found


def of(stack_page: Page) -> Iterator[File]:
    """One page for each name of an alert."""
    for name, alerts in by_name(stack_page).items():
        yield File(page(name), _page(stack_page, name, alerts))


def _page(told: Page, name: str, alerts: list[Alert]) -> str:
    rows = [
        [alert.labels.get("service") or alert.labels.get("store") or told.stack.name, alert.severity,
         alert.summary, duration(alert.lasting_s) if alert.lasting_s else "at once"]
        for alert in alerts
    ]  # fmt: skip
    kinds = dict.fromkeys(line for alert in alerts for line in advice(alert.kind))
    severities = dict.fromkeys(alert.severity for alert in alerts)
    return told.text(
        name,
        table(["about", "severity", "when", "for"], rows),
        dict.fromkeys(alert.description for alert in alerts),
        [f"{severity.capitalize()} alerts tell {told.who(severity)}." for severity in severities],
        [_goal(told)],
        ["## What to do"],
        [f"{number}. {line}" for number, line in enumerate(kinds, 1)],
        ["## Look"],
        shell(*_looks(told, alerts)),
        ["## Mend"],
        shell(*_mends(told, alerts)),
        ["## Rule"],
        ["```", *dict.fromkeys(alert.expression for alert in alerts), "```"],
        [f"Silence it while you work: `amtool silence add alertname={name} --duration=1h --comment='why'`."],
    )


def _goal(told: Page) -> str:
    mttr = told.stack.recovery.mttr
    return f"Be well again within {duration(mttr)}, on average." if mttr else ""


def _subjects(alerts: list[Alert], label: str) -> list[str]:
    return list(dict.fromkeys(alert.labels[label] for alert in alerts if label in alert.labels))


def _looks(told: Page, alerts: list[Alert]) -> Iterator[str]:
    services = [name for name in _subjects(alerts, "service") if name in told.stack.services]
    yield f"{told.fairlead} status"
    for name in services:
        yield f"{told.fairlead} logs {name} --since 30m"
        yield f"{told.fairlead} history {name}"
    yield f"{told.kubectl} get pods -o wide"
    yield f"{told.kubectl} get events --sort-by=.lastTimestamp"
    for name in services:
        yield f"{told.kubectl} logs {told.pods(name)} --all-containers --since=30m --prefix"
        yield f"{told.kubectl} top pods -l app.kubernetes.io/name={name}"
    for name in _subjects(alerts, "store"):
        yield f"{told.kubectl} get pods -l app.kubernetes.io/name={name}"


def _mends(told: Page, alerts: list[Alert]) -> Iterator[str]:
    services = [name for name in _subjects(alerts, "service") if name in told.stack.services]
    for name in services or [name for name, service in told.services() if service.expose]:
        scale = told.stack.services[name].scale
        more = min(scale.min + 1, scale.max or scale.min + 1)
        yield f"{told.fairlead} rollback {name}"
        yield f"{told.fairlead} scale {name}={more}"
        yield f"{told.fairlead} restart {name}"
        yield told.undo(name)
