"""The alerts that `watching.alerts` declares: one rule for each service or store that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.watching import scraping
from fairlead.render.parts.watching.alert import Alert, Bound, clock, named, of_measure
from fairlead.render.parts.watching.measures import Measure, gauge, picked
from fairlead.render.parts.watching.rehearsing import played
from fairlead.render.parts.watching.where import Where
from fairlead.render.parts.watching.words import TABLE
from fairlead.stack.metric_words import WORDS, is_metric
from fairlead.stack.model.platform import Alert as Declared

SEARCH = ("elasticsearch", "opensearch")


def of(where: Where) -> Iterator[Alert]:
    """In the order of the file."""
    for key, said in where.stack.watching.alerts.items():
        for labels, measure in _measures(where, key, said):
            yield _alert(where, key, said, labels, measure)


def recorded(key: str) -> str:
    """The series under which the value of an alert's own expression is kept."""
    return f"fairlead:alert_{key.replace('-', '_')}:value"


def records(where: Where) -> Iterator[dict[str, object]]:
    """The recording rules of expressions, so that an alert on one can be rehearsed and looked at."""
    for key, said in where.stack.watching.alerts.items():
        if said.metric not in TABLE and not is_metric(said.metric):
            yield {"record": recorded(key), "expr": said.metric.strip(), "labels": where.labels()}


def subjects(where: Where, about: str, service: str | None = None) -> Iterator[tuple[dict[str, str], str]]:
    """Labels and name of everything of a kind that is measured."""
    match about:
        case "service" | "hub":
            for name, found, _ in scraping.services(where.stack):
                if service in (None, name) and (about == "service" or found.uses == "hub"):
                    yield {"service": name}, name
        case "stack":
            yield ({"service": service} if service else {}), ""
        case kind:
            for name, store, _ in scraping.stores(where.stack):
                if store == kind or (kind == "search" and store in SEARCH):
                    yield ({"service": service} if service else {}) | {"store": name}, name


def measure_of(where: Where, word: str, subject: str) -> Measure:
    """What a word means of a subject."""
    return TABLE[word].build(where, subject)


def _measures(where: Where, key: str, said: Declared) -> Iterator[tuple[dict[str, str], Measure]]:
    metric = said.metric.strip()
    if metric in TABLE:
        for labels, subject in subjects(where, TABLE[metric].about, said.service):
            yield labels, measure_of(where, metric, subject)
        return
    labels = {"service": said.service} if said.service else {}
    if is_metric(metric):
        name, _, matchers = metric.partition("{")
        own = [matchers.removesuffix("}")] if matchers.removesuffix("}").strip() else []
        yield labels, gauge_of(name, where.labels(**labels), own, above=said.above is not None)
    else:
        yield labels, gauge(recorded(key), where.labels())


def gauge_of(name: str, labels: dict[str, str], matchers: list[str], *, above: bool) -> Measure:
    """A metric as it is: the highest of its series where more is worse, the lowest where less is."""
    selector = picked(name, labels, *matchers)
    measure = gauge(name, labels)
    text = f"{'max' if above else 'min'}({selector})"
    if any("~" in one or "!" in one for one in matchers):
        return Measure(text, lambda _: ())
    fed = picked(name, labels, *matchers)
    feed = measure.feeds(0)[0].__class__(fed, lambda value: value)
    return Measure(text, lambda _: (feed,), window_m=1)


def _alert(where: Where, key: str, said: Declared, labels: dict[str, str], measure: Measure) -> Alert:
    bound = Bound(said.above if said.above is not None else said.below or 0.0, said.above is not None)
    whose = labels.get("store") or labels.get("service") or where.stack.name
    metric = said.metric.strip()
    meaning = WORDS.get(metric, metric)
    side = "above" if bound.above else "below"
    lasting = f" for {clock(said.lasting)}" if said.lasting else ""
    return Alert(
        named(key),
        of_measure(measure, bound),
        said.severity,
        f"{whose}: {metric if metric in WORDS else 'a value'} is {side} {shown(measure, bound.value)}",
        f"Measured: {meaning}. It was {side} {shown(measure, bound.value)}{lasting}.",
        lasting_s=said.lasting,
        labels={**labels, "indicator": metric if metric in WORDS else key},
        kind=metric if metric in TABLE else "own",
        rehearsal=played(measure, bound, said.lasting) if measure.feeds(bound.value) else None,
    )


def shown(measure: Measure, value: float) -> str:
    """A bound as people say it."""
    match measure.unit:
        case "ratio":
            return f"{value * 100:.10g} %"
        case "seconds":
            return f"{value * 1000:.10g} ms" if value < 1 else f"{value:.10g} s"
        case "usd":
            return f"{value:.10g} US$"
        case "days":
            return f"{value:.10g} days"
        case _:
            return f"{value:.10g}"
