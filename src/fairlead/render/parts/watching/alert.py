"""An alert as Prometheus has it, and what it takes to rehearse it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fairlead.render.parts.watching.measures import Measure

Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a measure is compared with."""

    value: float
    above: bool = True

    def __str__(self) -> str:
        return f"{'>' if self.above else '<'} {self.value:.10g}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Series in phases of so many minutes, and the moments (in minutes) at which the alert must fire or be silent."""

    series: Mapping[str, str]
    fires_at: tuple[int, ...]
    silent_at: tuple[int, ...]
    every_m: int = 1


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule. `what` is what a reader of the runbook has to know: what is meant, and what is done about it."""

    name: str
    expression: str
    severity: Severity
    summary: str
    description: str
    lasting_s: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    """Which advice the runbook gives."""
    rehearsal: Rehearsal | None = None

    def rule(self, runbooks: str) -> dict[str, Any]:
        """As a rule file says it; `runbooks` is the address that runbooks are under."""
        lasting = {"for": clock(self.lasting_s)} if self.lasting_s else {}
        return {
            "alert": self.name,
            "expr": self.expression,
            **lasting,
            "labels": {"severity": self.severity, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": runbooks + page(self.name),
            },
        }


def page(alert: str) -> str:
    """The runbook of an alert, below the folder of runbooks."""
    return f"alerts/{alert}.md"


def named(key: str) -> str:
    """A key of the stack file as alerts are called: `queue-grows` is `QueueGrows`."""
    return "".join(word[:1].upper() + word[1:] for word in key.split("-"))


def clock(seconds: float) -> str:
    """A duration as Prometheus reads it: whole seconds at the least."""
    whole = max(1, round(seconds))
    for unit, name in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole % unit == 0:
            return f"{whole // unit}{name}"
    return f"{whole}s"


def of_measure(measure: Measure, bound: Bound) -> str:
    """The condition."""
    text = measure.text
    loose = " or absent(" in text or text.endswith((" - 1", "or vector(0)")) or " > 0 or " in text
    return f"({text}) {bound}" if loose else f"{text} {bound}"
