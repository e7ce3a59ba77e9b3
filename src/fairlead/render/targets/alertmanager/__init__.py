"""Alertmanager: who is told of which alert, who is told when nobody reacts, and which alerts others make needless.

Addresses and keys are files that hold nothing else, `/etc/alertmanager/secrets/<secret>`. Alertmanager knows no
acknowledgement: `escalate_to` is told when the alert is neither over nor silenced (`amtool silence add`) after
`escalate_after`. Mail goes through the server that `localhost:25` is. `routes.yml` says who has to be told in which
case; `amtool config routes test` is asked each line of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.parts.escalating import Told, told_of
from fairlead.render.parts.watching.alert import Severity, clock
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.alertmanager.leaving import LEFT_OUT
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Channel

SECRETS = "/etc/alertmanager/secrets"
NOBODY = "nobody"
"""Who gets what no channel is for: it can still be seen on Alertmanager's page."""

SEVERITIES: tuple[Severity, ...] = ("critical", "warning")
TITLE = "{{ .Status | toUpper }}: {{ .CommonLabels.alertname }}"
TEXT = "\n".join(
    (
        "{{ range .Alerts }}{{ .Annotations.summary }}",
        "{{ .Annotations.description }}",
        "{{ .Annotations.runbook_url }}",
        "{{ end }}",
    )
)


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """`alertmanager.yml` and `routes.yml`."""
    stack = scene.stack
    yield from left_out(stack, LEFT_OUT)
    yield File("alertmanager.yml", yaml_text(_configuration(stack)))
    yield File("routes.yml", yaml_text(list(_cases(stack))))


def _configuration(stack: Stack) -> dict[str, Any]:
    channels = stack.watching.channels
    host = stack.cloud.domain if stack.cloud and stack.cloud.domain else f"{stack.name}.localdomain"
    mail = {"smtp_smarthost": "localhost:25", "smtp_from": f"alertmanager@{host}"}
    routes = [_route(severity, one) for severity in SEVERITIES for one in told_of(stack, severity)]
    return {
        "global": {
            "resolve_timeout": "5m",
            **(mail if any(one.kind == "mail" for one in channels.values()) else {}),
        },
        "route": {
            "receiver": NOBODY,
            "group_by": ["alertname", "service", "store"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": routes,
        },
        "inhibit_rules": INHIBITIONS,
        "receivers": [{"name": NOBODY}, *(_receiver(stack, name, said) for name, said in channels.items())],
    }


INHIBITIONS = [
    {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity="warning"'],
        "equal": ["service", "store", "indicator"],
    },
    {
        "source_matchers": ['indicator="down"', 'severity="critical"'],
        "target_matchers": ['severity="warning"', 'service!=""'],
        "equal": ["service"],
    },
]
"""A page makes the warning of the same thing needless, and a service that is down all warnings about it."""


def _route(severity: Severity, told: Told) -> dict[str, Any]:
    """Later ones wait: who is told by then needs no second call."""
    pace = {"group_wait": clock(told.after_s), "group_interval": "5m"} if told.after_s else {}
    repeat = {"repeat_interval": "1h"} if severity == "critical" else {"repeat_interval": "12h"}
    return {
        "receiver": told.channel,
        "matchers": [f'severity="{severity}"'],
        "continue": True,
        **pace,
        **repeat,
    }


def _receiver(stack: Stack, name: str, said: Channel) -> dict[str, Any]:
    file = f"{SECRETS}/{said.secret or name}"
    match said.kind:
        case "pager":
            details = {"details": {"on_call": said.to}} if said.to else {}
            page = {"routing_key_file": file, "severity": SEVERITY, "description": TITLE, "component": stack.name}
            return {"name": name, "pagerduty_configs": [{"send_resolved": True, **page, **details}]}
        case "chat":
            channel = {"channel": f"#{said.to.lstrip('#')}"} if said.to else {}
            note = {"api_url_file": file, **channel, "title": TITLE, "text": TEXT}
            return {"name": name, "slack_configs": [{"send_resolved": True, **note}]}
        case "mail":
            login = {"auth_username": stack.name, "auth_password_file": file} if said.secret else {}
            to = said.to or f"{name}@{stack.cloud.domain if stack.cloud and stack.cloud.domain else 'localhost'}"
            return {"name": name, "email_configs": [{"send_resolved": True, "to": to, **login}]}
        case _:
            where = {"url_file": file} if said.secret or not said.to else {"url": said.to}
            return {"name": name, "webhook_configs": [{"send_resolved": True, **where}]}


SEVERITY = '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}'


def _cases(stack: Stack) -> Iterator[dict[str, Any]]:
    """Who has to be told, whom an alert reaches at once or later; and nobody of what has no severity."""
    for severity in SEVERITIES:
        receivers = [one.channel for one in told_of(stack, severity)] or [NOBODY]
        yield {"labels": {"severity": severity}, "receivers": receivers}
    yield {"labels": {"severity": "none"}, "receivers": [NOBODY]}


TARGETS.register("alertmanager")(Target("Alertmanager: who is told of which alert, and who next", render, ("amtool",)))
