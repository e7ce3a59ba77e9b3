"""All rules of a stack, in groups: what a Prometheus server reads from files, and its operator from objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.render.parts.watching import declared, hub, promised, scraping
from fairlead.render.parts.watching.alert import Alert
from fairlead.render.parts.watching.burning import Budget
from fairlead.render.parts.watching.families import family_of
from fairlead.render.parts.watching.measures import picked, summed
from fairlead.render.parts.watching.where import Where
from fairlead.stack.model import Stack

RUNBOOKS = "runbooks/"
"""Where runbooks are when the stack names no address: beside the stack file, once rendered."""

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are looked at together, in their order."""

    name: str
    records: tuple[Rule, ...] = ()
    alerts: tuple[Alert, ...] = field(default=())

    def data(self, runbooks: str) -> dict[str, Any]:
        """As a rule file says it."""
        return {"name": self.name, "rules": [*self.records, *(alert.rule(runbooks) for alert in self.alerts)]}


def files(where: Where) -> Mapping[str, tuple[Group, ...]]:
    """Groups by the file that they stand in; no file without rules."""
    stack = where.stack.name
    found: dict[str, Iterable[Group]] = {
        "traffic": [Group(f"{stack}-traffic", tuple(_traffic(where)))],
        **{f"budget-{budget.service}": [_budget(where, budget)] for budget in promised.budgets(where)},
        "objectives": [Group(f"{stack}-objectives", alerts=tuple(promised.of(where)))],
        "alerts": [Group(f"{stack}-alerts", tuple(declared.records(where)), tuple(declared.of(where)))],
        "hub": [Group(f"{stack}-hub", alerts=tuple(hub.of(where)))],
    }
    kept = {name: tuple(one for one in groups if one.records or one.alerts) for name, groups in found.items()}
    return {name: groups for name, groups in kept.items() if groups}


def alerts(where: Where) -> Iterator[Alert]:
    """Every one."""
    for groups in files(where).values():
        for group in groups:
            yield from group.alerts


def runbooks(stack: Stack) -> str:
    """The address that runbooks are under, with a slash at its end."""
    return stack.watching.runbooks.rstrip("/") + "/" if stack.watching.runbooks else RUNBOOKS


def _budget(where: Where, budget: Budget) -> Group:
    name = f"{where.stack.name}-{budget.service}-availability"
    return Group(name, tuple(budget.records()), tuple(budget.alerts()))


def _traffic(where: Where) -> Iterator[Rule]:
    """The same names for every service of a cluster, whatever it calls its own: autoscalers read them."""
    if where.namespace is None:
        return
    for name, service, _ in scraping.services(where.stack):
        family, labels = family_of(service), where.labels(service=name)
        wanted = {
            "fairlead_requests_per_second": summed(picked(family.requests, labels)),
            "fairlead_requests_in_flight": f"sum({picked(family.in_flight, labels)})",
            "fairlead_queue_depth": f"sum({picked(family.queue, labels)})",
        }
        for record, expression in wanted.items():
            yield {"record": record, "expr": expression, "labels": labels}
