"""What the new versions of a release are judged by, from what their services declare: specs in, policies out.

Each service of a release has a policy of its own, since its requests are shared out on their own; the probability of
a false alarm is that of the whole release, so every service gets the part of it that its indicators make up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fairlead.errors import ReleaseError
from fairlead.release.judge import EventMargin, MeanMargin, Policy
from fairlead.release.judge.policy import Margin
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.release import Canary
from fairlead.stack.model.service import Service

ROUTER = "router"
"""The source of the indicators that every service has."""

EVENTS, MEANS = 2.0, 1.15
"""Margins of declared indicators that name none."""

ALPHA, BETA = 0.01, 0.05
"""Probability of taking a good release back, and of promoting one that is worse than a margin."""


def policies(unit: Mapping[str, Service]) -> dict[str, Policy]:
    """What each service of a release is judged by. Raises `ReleaseError` for a name that stands for two things."""
    margins = {service: margins_of(service, spec.release.canary) for service, spec in unit.items()}
    count = sum(len(of_service) for of_service in margins.values())
    return {
        service: Policy(
            margins[service],
            alpha=ALPHA * len(margins[service]) / count,
            beta=BETA,
            warm_up_s=spec.release.canary.warm_up,
        )
        for service, spec in unit.items()
    }


def margins_of(service: str, canary: Canary) -> dict[str, Margin]:
    """How much worse each indicator of one service may be: those that every service has, and those declared."""
    built_in = _built_in(canary)
    if both := sorted({"errors", "latency", "first_byte"} & canary.indicators.keys()):
        raise ReleaseError(
            f"{service}: indicator `{both[0]}` is there already: the router tells it", hint="choose another name"
        )
    return {**built_in, **{name: _declared(indicator) for name, indicator in canary.indicators.items()}}


def by_source(canary: Canary) -> dict[str, dict[str, Indicator]]:
    """Every source that has to be asked, with the indicators that name it; the router's own need no naming."""
    sources: dict[str, dict[str, Indicator]] = {ROUTER: {}}
    for name, indicator in canary.indicators.items():
        sources.setdefault(indicator.source, {})[name] = indicator
    return sources


def expected_of(source: str, canary: Canary) -> dict[str, Margin]:
    """The indicators that a source is to tell, with their margins."""
    declared = {name: _declared(found) for name, found in canary.indicators.items() if found.source == source}
    return {**_built_in(canary), **declared} if source == ROUTER else declared


def with_margin(policy: Policy, margin: float) -> Policy:
    """The same policy with one margin for everything: what would have become of a release under it."""
    changed: dict[str, Margin] = {name: replace(one, ratio=margin) for name, one in policy.indicators.items()}
    return replace(policy, indicators=changed)


def _built_in(canary: Canary) -> dict[str, Margin]:
    times = {"latency": canary.latency, "first_byte": canary.first_byte}
    return {
        "errors": EventMargin(canary.errors.margin, _part(canary.errors.negligible)),
        **{name: EventMargin(slowness.margin) for name, slowness in times.items() if slowness.judged},
    }


def _declared(indicator: Indicator) -> Margin:
    if indicator.gauge is not None:
        return MeanMargin(indicator.margin or MEANS, indicator.better)
    return EventMargin(indicator.margin or EVENTS, _part(indicator.negligible))


def _part(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
