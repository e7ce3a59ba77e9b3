"""Alerts on what a hub itself tells: its providers, its budgets, its ledger, and what its requests cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.render.parts.watching import scraping
from fairlead.render.parts.watching.alert import Alert, Bound, Severity, of_measure
from fairlead.render.parts.watching.measures import Measure, gauge, part, picked, quantile
from fairlead.render.parts.watching.rehearsing import played
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE

NEARLY = 0.1
DEARER = 0.2
FAILING = 0.1
LATE_S = 0.25
"""Where an alert begins: a tenth of a budget left, a fifth dearer than yesterday, a tenth of the attempts failed, and
an event loop a quarter of a second late."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at, and from where on."""

    name: str
    measure: Measure
    bound: Bound
    lasting_s: float
    summary: str
    description: str
    severity: Severity = "warning"


def of(where: Where) -> Iterator[Alert]:
    """Of every hub of the stack."""
    for name, service, _ in scraping.services(where.stack):
        if service.uses == "hub":
            for one in _watched(where, name):
                yield _alert(name, one)


def _watched(where: Where, hub: str) -> Iterator[Watched]:
    labels = where.labels(service=hub)
    state = picked("fairlead_hub_breaker_state", labels, 'state="open"')
    breaker = gauge("fairlead_hub_breaker_state", {**labels, "state": "open"})
    yield Watched("HubProviderFailing", breaker, Bound(0), 120, "a provider's circuit breaker is open",
                  f"No request is sent to a provider whose calls failed in a row ({state} is 1).")  # fmt: skip
    errors = picked("fairlead_hub_provider_errors_total", labels)
    every = picked("fairlead_hub_requests_total", labels)
    yield Watched("HubProviderErrors", part(errors, errors, every, every), Bound(FAILING), 600,
                  "providers fail more than 10 % of the attempts",
                  "Fallbacks and further attempts may hide it from clients, at a cost in time and money.")  # fmt: skip
    yield Watched("HubBudgetNearlyGone", TABLE["budget-left"].build(where, hub), Bound(NEARLY, above=False), 300,
                  "less than 10 % of a budget is left", "Its key's or team's requests are refused then.")  # fmt: skip
    yield Watched("HubCostPerRequestRises", TABLE["cost-increase"].build(where, hub), Bound(DEARER), 3600,
                  "requests cost over 20 % more than a day ago",
                  "The mean cost of a request over an hour, beside the same hour of the day before.")  # fmt: skip
    unpriced = picked("fairlead_hub_unpriced_requests_total", labels)
    yield Watched("HubRequestsUnpriced", part(unpriced, unpriced, every, every), Bound(0.01), 1800,
                  "the cost of over 1 % of the requests is not known",
                  "A model has no price: budgets of money don't hold for it.")  # fmt: skip
    yield from _states(labels)
    lag = quantile("fairlead_hub_event_loop_lag_seconds", labels, 99)
    yield Watched("HubKeepsRequestsWaiting", lag, Bound(LATE_S), 600, "the hub has more work than one core does",
                  "The event loop is over 250 ms late one time in a hundred.")  # fmt: skip


def _states(labels: dict[str, str]) -> Iterator[Watched]:
    """What is 1 while something is wrong."""
    for metric, name, severity, summary, description in (
        ("fairlead_hub_ledger_away", "HubLedgerAway", "warning", "the ledger's store is away",
         "Records of requests wait on this hub's disk until it is back."),
        ("fairlead_hub_budget_store_away", "HubBudgetStoreAway", "warning", "the store of budgets is away",
         "Each instance keeps to what was lent to it."),
        ("fairlead_hub_spool_failing", "HubSpoolFailing", "critical", "records of requests are in memory only",
         "The disk does not take them; they are lost if the hub ends."),
        ("fairlead_hub_spool_full", "HubSpoolFull", "critical", "no request is begun",
         "The records of requests have filled what they may take, and the ledger does not take them."),
        ("fairlead_hub_configuration_problems", "HubConfigurationRefused", "warning",
         "the newest configuration is not in use", "It has problems; the one before it is in use."),
    ):  # fmt: skip
        worse: Severity = "critical" if severity == "critical" else "warning"
        yield Watched(name, gauge(metric, labels), Bound(0), 300, summary, description, worse)


def _alert(hub: str, one: Watched) -> Alert:
    return Alert(
        one.name,
        of_measure(one.measure, one.bound),
        one.severity,
        f"{hub}: {one.summary}",
        one.description,
        lasting_s=one.lasting_s,
        labels={"service": hub, "indicator": one.name},
        kind="hub",
        rehearsal=played(one.measure, one.bound, one.lasting_s),
    )
