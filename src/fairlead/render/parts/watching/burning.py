"""Error budgets: Sloth's recording rules, and alerts on how fast a budget burns, over two windows at once.

The table is that of the SRE workbook (https://sre.google/workbook/alerting-on-slos/, table 5-8), scaled to any period:
a part of the budget that may burn in a long window, as a factor of the rate at which it would last exactly the period.
The short window lets an alert end soon after the burning does. Names and labels of series are Sloth's
(https://sloth.dev), so that its public dashboards show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.render.parts.watching.alert import Alert, Rehearsal, Severity, clock
from fairlead.render.parts.watching.families import family_of
from fairlead.render.parts.watching.measures import Feed, picked
from fairlead.render.parts.watching.rehearsing import values
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import errors

DAY = 86400.0
MONTH = 30 * DAY
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Leg:
    """A pair of windows, in seconds, and the burn rate beyond which both have to be."""

    long: float
    short: float
    factor: float


TABLE: Mapping[Severity, tuple[tuple[float, float, float], ...]] = {
    "critical": ((2, 3600, 300), (5, 6 * 3600, 1800)),
    "warning": ((10, DAY, 7200), (10, 3 * DAY, 6 * 3600)),
}
"""Severity -> part of the budget in percent, long window and short window for a period of 30 days."""


def legs(period_s: float, severity: Severity) -> list[Leg]:
    """For any period. Windows of periods under a week shrink with them; a burn that lasts the period is no alert."""
    shrunk = min(1.0, period_s / MONTH) if period_s < WEEK else 1.0
    scaled_period = MONTH if shrunk < 1 else period_s
    found = [
        Leg(_whole(long * shrunk, 120), _whole(short * shrunk, 60), percent / 100 * scaled_period / long)
        for percent, long, short in TABLE[severity]
    ]
    return [leg for leg in found if leg.factor >= 0.9] or found[:1]


def _whole(seconds: float, least: float) -> float:
    return max(least, round(seconds / 60) * 60)


@dataclass(frozen=True, slots=True)
class Budget:
    """The availability that a service promises, in percent, over a period."""

    where: Where
    service: str
    objective: float
    period_s: float

    @property
    def allowed(self) -> float:
        """The part of the requests that may fail."""
        return round(1 - self.objective / 100, 10)

    @property
    def identity(self) -> dict[str, str]:
        """What Sloth calls it."""
        stack = self.where.stack.name
        return {"sloth_id": f"{stack}-{self.service}-availability", "sloth_service": self.service,
                "sloth_slo": "availability"}  # fmt: skip

    def series(self, record: str, **more: str) -> str:
        """One of its recorded series."""
        return picked(record, {**self._labels, **more})

    @property
    def _labels(self) -> dict[str, str]:
        return self.where.labels(**self.identity)

    def records(self) -> Iterator[dict[str, Any]]:
        """The recording rules."""
        for window in self.windows():
            yield self._record(f"slo:sli_error:ratio_rate{window}", self._ratio(window), sloth_window=window)
        period, short = clock(self.period_s), self.series(f"slo:sli_error:ratio_rate{self.windows()[0]}")
        yield self._record(
            f"slo:sli_error:ratio_rate{period}",
            f"sum_over_time({short}[{period}]) / ignoring (sloth_window) count_over_time({short}[{period}])",
            sloth_window=period,
        )
        facts = {"slo:objective:ratio": 1 - self.allowed, "slo:error_budget:ratio": self.allowed,
                 "slo:time_period:days": self.period_s / DAY}  # fmt: skip
        for name, value in facts.items():
            yield self._record(name, f"vector({value:.10g})")
        on = "on(sloth_id, sloth_slo, sloth_service) group_left"
        for name, window in (("current_burn_rate", self.windows()[0]), ("period_burn_rate", period)):
            ratio = self.series(f"slo:sli_error:ratio_rate{window}")
            yield self._record(f"slo:{name}:ratio", f"{ratio} / {on} {self.series('slo:error_budget:ratio')}")
        yield self._record(
            "slo:period_error_budget_remaining:ratio", f"1 - {self.series('slo:period_burn_rate:ratio')}"
        )
        told = {"sloth_mode": "cli-gen-prom", "sloth_objective": f"{self.objective:.10g}", "sloth_spec": "fairlead"}
        yield self._record("sloth_slo_info", "vector(1)", **told)

    def windows(self) -> list[str]:
        """All that are recorded, the shortest first."""
        every = [leg for severity in TABLE for leg in legs(self.period_s, severity)]
        return [clock(one) for one in sorted({window for leg in every for window in (leg.short, leg.long)})]

    def _record(self, name: str, expression: str, **more: str) -> dict[str, Any]:
        return {"record": name, "expr": expression, "labels": {**self._labels, **more}}

    def _ratio(self, window: str) -> str:
        family = family_of(self.where.stack.services[self.service])
        return errors(family, self.where.labels(service=self.service), window).text

    def alerts(self) -> Iterator[Alert]:
        """Fast burning pages, slow burning is told, and a promise that nobody can check is told as well."""
        names: tuple[tuple[Severity, str], ...] = (
            ("critical", "ErrorBudgetBurnsFast"), ("warning", "ErrorBudgetBurns"),
        )  # fmt: skip
        for severity, name in names:
            possible = [leg for leg in legs(self.period_s, severity) if leg.factor * self.allowed < 1]
            if possible and self.allowed > 0:
                yield self._burning(name, severity, possible)
        yield self._absent()

    def _burning(self, name: str, severity: Severity, possible: list[Leg]) -> Alert:
        both = [
            " and ".join(
                f"(max({self.series(f'slo:sli_error:ratio_rate{clock(window)}')}) without (sloth_window)"
                f" > {leg.factor * self.allowed:.10g})"
                for window in (leg.short, leg.long)
            )
            for leg in possible
        ]
        days = clock(self.period_s)
        return Alert(
            name,
            " or ".join(f"({one})" for one in both),
            severity,
            f"{self.service} burns its error budget {'fast' if severity == 'critical' else 'too fast'}",
            f"{self.objective:g} % of the requests of {self.service} are promised a good answer over {days}. At the"
            f" present rate of errors the budget ends long before: {_told(possible)}.",
            labels=self._named(severity),
            kind="budget",
            rehearsal=self._rehearsed(possible),
        )

    def _named(self, severity: Severity) -> dict[str, str]:
        kind = "page" if severity == "critical" else "ticket"
        return {"service": self.service, "indicator": "availability", **self.identity, "sloth_severity": kind}

    def _rehearsed(self, possible: list[Leg]) -> Rehearsal | None:
        """Half the budget's rate is silent; beyond the greatest factor it fires; good answers end it."""
        beyond = max(leg.factor for leg in possible)
        part = min((1 + beyond * self.allowed) / 2, beyond * self.allowed * 2)
        if part * 0.9 <= beyond * self.allowed:
            return None
        longest = max(leg.short for leg in possible) / 60
        first, bad, after = 10, 180, int(-(-(longest + 30) // 5) * 5)
        # what went before counts in the long windows: it has to be short beside the burning
        phases = ((first, 0.5 * self.allowed), (bad, part), (after, 0.0))
        family = family_of(self.where.stack.services[self.service])
        feeds: tuple[Feed, ...] = errors(family, self.where.labels(service=self.service)).feeds(part)
        series = {feed.series: values(feed, phases) for feed in feeds}
        return Rehearsal(series, (first + bad - 5,), (first - 5, first + bad + after - 5), every_m=5)

    def _absent(self) -> Alert:
        requests = picked(family_of(self.where.stack.services[self.service]).requests,
                          self.where.labels(service=self.service))  # fmt: skip
        series = {requests: "1+1x19 _x40 1+1x20"}
        return Alert(
            "SLOMetricAbsent",
            f"absent({requests})",
            "warning",
            f"nothing is known of the requests of {self.service}",
            f"No series {requests}: the promised availability of {self.service} can't be checked.",
            lasting_s=600,
            labels={"service": self.service, "indicator": "availability", **self.identity},
            kind="absent",
            rehearsal=Rehearsal(series, (50,), (10, 75), every_m=5),
        )


def _told(possible: list[Leg]) -> str:
    return ", or ".join(
        f"{leg.factor:.3g} times as fast over {clock(leg.long)} and {clock(leg.short)}" for leg in possible
    )
