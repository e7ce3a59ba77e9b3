"""What a new version is judged by, as questions to Prometheus: how many times as bad it is as the stable one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fairlead.render.parts.watching.families import family_of
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.service import Service

NEW = "{{args.new}}"
STABLE = "{{args.stable}}"
VERSION = "rollouts_pod_template_hash"
"""The label that tells versions apart, as the Prometheus operator takes it from Argo's pods."""

EVENTS = 2.0
MEANS = 1.15
"""Margins where the stack names none, as `fairlead deploy` has them."""

WINDOW = "5m"


Side = Callable[[str], str]
"""The expression of one version."""


@dataclass(frozen=True, slots=True)
class Question:
    """The ratio of the new version to the stable one; beyond `margin` the new one is worse than it may be."""

    name: str
    query: str
    margin: float


def of_service(stack: Stack, namespace: str, name: str, service: Service) -> Iterator[Question]:
    """Errors and latency of the requests, and the indicators that the service declares."""
    canary = service.release.canary
    picked = f'namespace="{namespace}",service="{name}"'
    family = family_of(service)
    failures = ",".join([*([family.failures.matchers] if family.failures.matchers else []), "%"])
    rate = _rate(f"{family.failures.metric}{{{failures}}}", f"{family.requests}{{%}}", picked)
    yield Question("errors", _ratio(_at_least(rate, canary.errors.negligible)), canary.errors.margin)
    if canary.latency.judged:
        found = _histogram(family.duration, canary.latency.quantile, picked)
        yield Question("latency", found, canary.latency.margin)
    if canary.first_byte.judged:
        found = _histogram("http_response_first_byte_seconds", canary.first_byte.quantile, picked)
        yield Question("first-byte", found, canary.first_byte.margin)
    for indicator, said in canary.indicators.items():
        margin = said.margin or (MEANS if said.gauge else EVENTS)
        yield Question(indicator, _query(said, picked), margin)


def _query(said: Indicator, picked: str) -> str:
    if said.histogram:
        ratio = _histogram(said.histogram, said.quantile, picked)
    elif said.gauge:
        metric, own = _parts(said.gauge)
        ratio = _ratio(lambda version: f"avg({metric}{{{_labels(own, picked, version)}}})", better=said.better)
    else:
        rate = _rate(_percent(said.errors or ""), _percent(said.total or ""), picked)
        ratio = _ratio(_at_least(rate, said.negligible), said.better)
    return ratio


def _histogram(histogram: str, quantile: float, picked: str) -> str:
    metric, own = _parts(histogram)

    def side(version: str) -> str:
        rate = f"rate({metric}_bucket{{{_labels(own, picked, version)}}}[{WINDOW}])"
        return f"histogram_quantile({quantile / 100:g}, sum by (le) ({rate}))"

    return _ratio(side)


def _percent(metric: str) -> str:
    name, own = _parts(metric)
    return f"{name}{{{own + ',' if own else ''}%}}"


def _parts(metric: str) -> tuple[str, str]:
    """A metric's name, and the label matchers behind it."""
    name, _, matchers = metric.partition("{")
    return name.strip(), matchers.removesuffix("}").strip()


def _labels(own: str, picked: str, version: str) -> str:
    return ",".join([*([own] if own else []), picked, f'{VERSION}="{version}"'])


def _rate(bad: str, every: str, picked: str) -> Side:
    def side(version: str) -> str:
        labels = f'{picked},{VERSION}="{version}"'
        return f"(sum(rate({bad.replace('%', labels)}[{WINDOW}])) / sum(rate({every.replace('%', labels)}[{WINDOW}])))"

    return side


def _at_least(side: Side, percent: float | None) -> Side:
    """Rates below what is negligible are as good as that: nothing is a hundred times as bad as no error at all."""
    return side if percent is None else lambda version: f"clamp_min({side(version)}, {percent / 100:g})"


def _ratio(side: Side, better: str = "lower") -> str:
    new, stable = side(NEW), side(STABLE)
    return f"{stable} / {new}" if better == "higher" else f"{new} / {stable}"
