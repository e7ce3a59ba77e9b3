"""Labels, objectives, alerts and mesh: what surrounds the services holds together too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from fairlead.kit.quantity import format_duration
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.check.references import unknown
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Latency, Objectives

_LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
_LABEL_KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")


@rule
def labels_fit(stack: Stack) -> Iterator[Finding]:
    """Labels are what Kubernetes takes, so that they are the same everywhere."""
    yield from _labels(("labels",), stack.labels)
    for here, service in services(stack):
        yield from _labels((*here, "labels"), service.labels)


def _labels(here: KeyPath, labels: Mapping[str, str]) -> Iterator[Finding]:
    for key, value in labels.items():
        if not _LABEL_KEY.match(key):
            yield Finding((*here, key), "should be a label's name of at most 63 characters", "letters, digits, `-_.`")
        if len(value) > 63:
            yield Finding((*here, key), f"should be at most 63 characters, got {len(value)}", "shorten it")
        elif not _LABEL_VALUE.match(value):
            message = "should be letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
            yield Finding((*here, key), message, "a sentence belongs into `description`")


@rule
def objectives_are_in_order(stack: Stack) -> Iterator[Finding]:
    """A higher quantile is not faster than a lower one."""
    yield from _objectives(("objectives",), stack.objectives)
    for here, service in services(stack):
        yield from _objectives((*here, "objectives"), service.objectives)


def _objectives(here: KeyPath, objectives: Objectives) -> Iterator[Finding]:
    for key in ("latency", "first_token"):
        latency: Latency = getattr(objectives, key)
        said = [(name, getattr(latency, name)) for name in ("p50", "p95", "p99") if getattr(latency, name) is not None]
        for (lower, less), (higher, more) in itertools.pairwise(said):
            if more < less:
                message = f"should be at least {lower} ({format_duration(less)}), got {format_duration(more)}"
                yield Finding((*here, key, higher), message, "the higher quantile is the slower one")
    if objectives.availability is not None and objectives.availability >= 100:
        message = "should be less than 100%: nothing would be left to spend on releases, and no alert could tell"
        yield Finding((*here, "availability"), message, "such as `99.95%`")
    if objectives.window <= 0:
        yield Finding((*here, "window"), "should be more than 0s", "such as `30d`")


@rule
def alerts_can_fire(stack: Stack) -> Iterator[Finding]:
    """An alert has one bound, and a service that exists."""
    for name, alert in stack.watching.alerts.items():
        here = ("watching", "alerts", name)
        if (alert.above is None) == (alert.below is None):
            found = "both" if alert.above is not None else "neither"
            yield Finding(here, f"should have one of `above` and `below`, got {found}", "such as `above: 0.8`")
        if not alert.metric.strip():
            yield Finding((*here, "metric"), "should not be empty", "name an indicator or an expression")
        if alert.service is not None:
            yield from unknown((*here, "service"), [alert.service], stack.services, "service", listed=False)


@rule
def alerts_are_heard(stack: Stack) -> Iterator[Finding]:
    """An alert that no channel takes is worth knowing of."""
    for name, alert in stack.watching.alerts.items():
        if not getattr(stack.watching, alert.severity):
            message = f"nobody is told: `watching.{alert.severity}` names no channel"
            yield Finding(("watching", "alerts", name), message, f"add `{alert.severity}: […]`", "note")


@rule
def mutual_tls_has_a_mesh(stack: Stack) -> Iterator[Finding]:
    """Somebody has to hold the certificates between services."""
    if stack.mesh.mutual_tls and stack.mesh.kind == "none":
        yield Finding(("mesh", "mutual_tls"), "needs a mesh, `kind` is `none`", "set `kind: istio`")
