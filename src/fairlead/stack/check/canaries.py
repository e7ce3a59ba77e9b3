"""Judged releases: a canary rises to the end in time, and everything it is judged by can be observed and can differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fairlead.kit import suggest
from fairlead.kit.quantity import format_duration, format_percent
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.release import SAFE, Canary
from fairlead.stack.model.service import Service

SOURCES = ("prometheus", "scrape")
"""Sources of ours that an indicator can name; those of packages are entry points of `GROUP`."""

GROUP = "fairlead.sources"

BUILT_IN = ("errors", "latency", "first-byte", "first_byte")
"""What the router tells of every service."""

JUDGED = frozenset({"canary", "shadow"})
"""Strategies that compare the new version with the present one while both get requests, or copies of them."""

_SHARED = {"http", "grpc"}


@rule
def canaries_rise(stack: Stack) -> Iterator[Finding]:
    """The shares rise, begin above zero and end at everything, and there is time for all of them."""
    for here, service in services(stack):
        where, canary = (*here, "release", "canary"), service.release.canary
        if not canary.steps or canary.steps[-1] != 100:
            found = f"{canary.steps[-1]:g}%" if canary.steps else "nothing"
            yield Finding((*where, "steps"), f"should end in 100%, got {found}", "add `100%` at the end")
        for n, (lower, higher) in enumerate(pairwise([0.0, *canary.steps])):
            if higher <= lower:
                message = f"should be more than the step before ({lower:g}%), got {higher:g}%"
                yield Finding((*where, "steps", n), message, "write the shares in rising order")
        yield from _in_time(where, canary)


def _in_time(where: KeyPath, canary: Canary) -> Iterator[Finding]:
    least = (canary.pace + canary.warm_up) * sum(share < 100 for share in canary.steps)
    if canary.deadline <= least:
        message = f"should be more than `pace` and `warm_up` of all steps under 100% ({format_duration(least)})"
        found = format_duration(canary.deadline)
        yield Finding((*where, "deadline"), f"{message}, got {found}", "raise it, or lower `pace`")


@rule
def traffic_can_be_shared(stack: Stack) -> Iterator[Finding]:
    """A version is judged by requests that the router sends it, so there have to be some."""
    for here, service in services(stack):
        strategy = service.release.strategy
        if strategy in JUDGED and not can_be_shared(service):
            message = f"`{strategy}` needs a port of protocol `http` or `grpc`, this service has none"
            yield Finding((*here, "release", "strategy"), message, "declare one, or set `strategy: blue-green`")
        for n, name in enumerate(service.release.with_services):
            brought = stack.services.get(name)
            if strategy in JUDGED and brought is not None and not can_be_shared(brought):
                message = f"`{name}` can't be released by `{strategy}`: it has no port of protocol `http` or `grpc`"
                yield Finding((*here, "release", "with", n), message, "take it out, or set `strategy: blue-green`")


def can_be_shared(service: Service) -> bool:
    """Whether the router can give a part of the requests to one version, and see how they end."""
    return any(port.protocol in _SHARED for port in service.ports.values())


@rule
def indicators_can_be_observed(stack: Stack) -> Iterator[Finding]:
    """Each names one metric, of a source that there is, under a name of its own."""
    for here, service in services(stack):
        canary = service.release.canary
        for name, indicator in canary.indicators.items():
            where = (*here, "release", "canary", "indicators", name)
            yield from _form(where, indicator)
            yield from _source(where, indicator, service)
            if name in BUILT_IN:
                yield Finding(where, f"`{name}` is there already: the router tells it", "choose another name")


def _form(where: KeyPath, indicator: Indicator) -> Iterator[Finding]:
    said = [form for form in ("errors", "histogram", "gauge") if getattr(indicator, form) is not None]
    if len(said) != 1:
        found = " and ".join(f"`{form}`" for form in said) or "none"
        message = f"should have one of `errors` (with `total`), `histogram` or `gauge`, got {found}"
        yield Finding(where, message, "name one metric of the service")
    elif (indicator.total is None) == (said == ["errors"]):
        message = (
            "needs `total` beside `errors`" if said == ["errors"] else f"`total` is for `errors`, this is `{said[0]}`"
        )
        yield Finding(where, message, "a ratio has both counters, nothing else has `total`")
    elif indicator.better == "higher" and said == ["errors"]:
        yield Finding((*where, "better"), "should be `lower` for errors, got `higher`", "take it out")
    elif indicator.negligible is not None and said == ["gauge"]:
        message = "is for rates of bad events, this is `gauge`, whose mean is compared"
        yield Finding((*where, "negligible"), message, "take it out")


def _source(where: KeyPath, indicator: Indicator, service: Service) -> Iterator[Finding]:
    if indicator.source == "prometheus" and service.release.canary.prometheus is None:
        message = "needs the address of the server in `canary.prometheus`"
        yield Finding((*where, "source"), message, "add `prometheus: {url: http://127.0.0.1:9090}`")
    elif indicator.source == "scrape":
        if not any(port.protocol in ("metrics", "http") for port in service.ports.values()):
            message = "needs a port of protocol `metrics` or `http` to be scraped"
            yield Finding((*where, "source"), message, "declare it under `ports`, or name another `source`")
    elif indicator.source not in (known := sources()):
        hint = suggest.hint(indicator.source, known, none="install the package that offers it")
        yield Finding((*where, "source"), f"there is no source of observations `{indicator.source}`", hint)


def sources() -> list[str]:
    """Every source that an indicator can name, those of installed packages included."""
    from importlib.metadata import entry_points  # slow to import, and seldom needed

    return sorted({*SOURCES, *(offer.name for offer in entry_points(group=GROUP))})


@rule
def margins_can_be_passed(stack: Stack) -> Iterator[Finding]:
    """A margin that no rate can pass judges nothing, and neither does a negligible rate above the usual one."""
    for here, service in services(stack):
        where, canary = (*here, "release", "canary"), service.release.canary
        for name in ("latency", "first_byte"):
            slowness = getattr(canary, name)
            yield from _passable((*where, name), slowness.quantile, slowness.margin)
        for name, indicator in canary.indicators.items():
            if indicator.histogram is not None:
                path = (*where, "indicators", name)
                yield from _passable(path, indicator.quantile, indicator.margin or 2.0, indicator.better)
                yield from _below_usual(path, indicator)


def _usual(quantile: float, better: str = "lower") -> float:
    """The rate of bad events that the quantile sets, in percent."""
    return round(100 - quantile if better == "lower" or quantile > 50 else quantile, 9)


def _passable(where: KeyPath, quantile: float, margin: float, better: str = "lower") -> Iterator[Finding]:
    usual = _usual(quantile, better)
    if usual * margin >= 100:
        message = f"should be less than {100 / usual:g}: {format_percent(usual)} of all is usual, got {margin:g}"
        yield Finding((*where, "margin"), message, "lower it, or raise `quantile`")


def _below_usual(where: KeyPath, indicator: Indicator) -> Iterator[Finding]:
    usual = _usual(indicator.quantile, indicator.better)
    if indicator.negligible is not None and indicator.negligible >= usual:
        message = f"should be less than what `quantile` makes usual ({format_percent(usual)})"
        yield Finding((*where, "negligible"), f"{message}, got {format_percent(indicator.negligible)}", "lower it")


@rule
def clients_are_not_requests(stack: Stack) -> Iterator[Finding]:
    """Metrics count requests; where clients are assigned, one busy client would look like many witnesses."""
    for here, service in services(stack):
        sticky, where = service.traffic.sticky, (*here, "release", "canary", "indicators")
        if sticky != "none" and service.release.canary.indicators:
            message = f"are no evidence with `sticky: {sticky}`: the judge waits for them, and a person has to promote"
            yield Finding(where, message, "take them out, or set `sticky: none`", "note")


@rule
def copies_cost(stack: Stack) -> Iterator[Finding]:
    """A copy of a request that does something does it twice."""
    for here, service in services(stack):
        shadow = service.release.shadow
        unsafe = [method for method in shadow.methods if method not in SAFE]
        if unsafe:
            message = f"copies of {', '.join(unsafe)} are done a second time, and LLM calls billed a second time"
            yield Finding((*here, "release", "shadow", "methods"), message, "take out what must be done once", "note")
        if not shadow.methods:
            message = "should have at least one method, got none"
            yield Finding((*here, "release", "shadow", "methods"), message, "such as `[GET]`")


@rule
def only_the_leader_brings_others(stack: Stack) -> Iterator[Finding]:
    """`with` is read of the service that is released, not of those that it brings."""
    for here, service in services(stack):
        for n, name in enumerate(service.release.with_services):
            brought = stack.services.get(name)
            if brought is not None and set(brought.release.with_services) - {here[1]}:
                message = f"those that `{name}` names under its own `with` are not brought along"
                yield Finding(
                    (*here, "release", "with", n),
                    message,
                    f"name them here too to release them with `{here[1]}`",
                    "note",
                )
