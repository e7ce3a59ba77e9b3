"""Alerts made from `objectives`: what a service promises beside its availability, which has a budget of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fairlead.render.parts.objectives import objectives_of
from fairlead.render.parts.watching import scraping
from fairlead.render.parts.watching.alert import Alert, Bound, Severity, clock, of_measure
from fairlead.render.parts.watching.burning import Budget
from fairlead.render.parts.watching.declared import shown
from fairlead.render.parts.watching.families import family_of
from fairlead.render.parts.watching.measures import Feed, Measure, picked, summed
from fairlead.render.parts.watching.rehearsing import played
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.stack.metric_words import WORDS

LASTING_S = 600.0
SLOWLY_S = 1800.0
"""For what changes slowly and is noisy: means of cost, quality, drift and the cache."""


def budgets(where: Where) -> Iterator[Budget]:
    """Of every service that promises an availability and can be asked."""
    for name, _, _ in scraping.services(where.stack):
        promised = objectives_of(where.stack, name)
        if promised.availability is not None:
            yield Budget(where, name, promised.availability, promised.window)


def of(where: Where) -> Iterator[Alert]:
    """Service by service, then of the stack as a whole."""
    for name, _, _ in scraping.services(where.stack):
        yield from _of_service(where, name)
    yield from _together(where)
    if where.stack.objectives.cache_hit_rate is not None:
        for store, kind, _ in scraping.stores(where.stack):
            if kind == "redis":
                bound = Bound(where.stack.objectives.cache_hit_rate / 100, above=False)
                yield _alert(where, "CacheMisses", "redis-hit-rate", {"store": store}, bound, lasting_s=SLOWLY_S)


def _of_service(where: Where, name: str) -> Iterator[Alert]:
    promised, label = objectives_of(where.stack, name), {"service": name}
    if promised.error_rate is not None:
        bound = Bound(promised.error_rate / 100)
        yield _alert(where, "ErrorsBeyondPromise", "errors", label, bound, lasting_s=300, severity="critical")
    for quantile in ("p50", "p95", "p99"):
        for alert, word, latency in (
            ("SlowerThanPromised", "latency", promised.latency),
            ("FirstTokenLate", "first-token", promised.first_token),
        ):
            if (seconds := getattr(latency, quantile)) is not None:
                yield _alert(where, alert, f"{word}-{quantile}", label, Bound(seconds))
    if promised.cost_per_request is not None:
        bound = Bound(promised.cost_per_request)
        yield _alert(where, "RequestsCostTooMuch", "cost-per-request", label, bound, lasting_s=SLOWLY_S)
    if promised.quality is not None:
        yield _alert(where, "QualityLow", "quality", label, Bound(promised.quality, above=False), lasting_s=SLOWLY_S)
    if promised.drift is not None:
        yield _alert(where, "Drifts", "drift", label, Bound(promised.drift), lasting_s=SLOWLY_S)
    own = where.stack.services[name].objectives
    if own.cache_hit_rate is not None:
        bound = Bound(own.cache_hit_rate / 100, above=False)
        yield _alert(where, "CacheMisses", "cache-hit-rate", label, bound, lasting_s=SLOWLY_S)
    if own.requests_per_second is not None:
        yield _alert(where, "LoadBeyondPlan", "requests", label, Bound(own.requests_per_second))
    if own.concurrent_users is not None:
        yield _alert(where, "UsersBeyondPlan", "in-flight", label, Bound(float(own.concurrent_users)))


def _together(where: Where) -> Iterator[Alert]:
    """The load that the stack is built for, over the services that are reached from outside."""
    whole = where.stack.objectives
    asked = [name for name, service, _ in scraping.services(where.stack) if service.expose]
    for value, alert, word in (
        (whole.requests_per_second, "LoadBeyondPlan", "requests"),
        (whole.concurrent_users, "UsersBeyondPlan", "in-flight"),
    ):
        if value is not None and asked:
            yield _made(where, alert, word, {}, Bound(float(value)), _summed(where, word, asked))


def _summed(where: Where, word: str, names: list[str]) -> Measure:
    families = {name: family_of(where.stack.services[name]) for name in names}
    if word == "requests":
        series = [picked(family.requests, where.labels(service=name)) for name, family in families.items()]
        parts = [f"({summed(one)} or vector(0))" for one in series]
        feed = Feed(series[0], lambda value: value * 60, "counter")
    else:
        series = [picked(family.in_flight, where.labels(service=name)) for name, family in families.items()]
        parts = [f"(sum({one}) or vector(0))" for one in series]
        feed = Feed(series[0], lambda value: value)
    return Measure(f"({' + '.join(parts)})", lambda _: (feed,))


def _alert(
    where: Where,
    name: str,
    word: str,
    labels: dict[str, str],
    bound: Bound,
    *,
    lasting_s: float = LASTING_S,
    severity: Severity = "warning",
) -> Alert:
    measure = TABLE[word].build(where, next(iter(labels.values()), ""))
    return _made(where, name, word, labels, bound, measure, lasting_s=lasting_s, severity=severity)


def _made(
    where: Where,
    name: str,
    word: str,
    labels: dict[str, str],
    bound: Bound,
    measure: Measure,
    *,
    lasting_s: float = LASTING_S,
    severity: Severity = "warning",
) -> Alert:
    whose = next(iter(labels.values()), where.stack.name)
    told = shown(measure, bound.value)
    side = "above" if bound.above else "below"
    return Alert(
        name,
        of_measure(measure, bound),
        severity,
        f"{whose}: {word} is {side} the promised {told}",
        f"Measured: {WORDS[word]}. It was {side} {told} for {clock(lasting_s)}.",
        lasting_s=lasting_s,
        labels={**labels, "indicator": word},
        kind=word,
        rehearsal=played(replace(measure), bound, lasting_s),
    )
