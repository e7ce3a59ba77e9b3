"""Releases: the shares of a canary rise to the end, and each time limit leaves room for what it bounds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fairlead.kit.quantity import format_duration
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.release import Canary


@rule
def canaries_rise(stack: Stack) -> Iterator[Finding]:
    """The shares rise, begin above zero and end at everything."""
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
        for name, indicator in canary.indicators.items():
            yield from _indicator((*where, "indicators", name), indicator)


def _in_time(where: KeyPath, canary: Canary) -> Iterator[Finding]:
    warming = canary.warm_up * len(canary.steps)
    if canary.deadline <= warming:
        message = f"should be more than the warm-ups of all steps ({format_duration(warming)})"
        yield Finding((*where, "deadline"), f"{message}, got {format_duration(canary.deadline)}", "raise it")


def _indicator(where: KeyPath, indicator: Indicator) -> Iterator[Finding]:
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


@rule
def starts_have_time(stack: Stack) -> Iterator[Finding]:
    """A release waits at least as long as one start may take."""
    for here, service in services(stack):
        startup = service.probes.startup
        if startup is not None and service.release.ready_within < startup.within:
            found = format_duration(service.release.ready_within)
            message = f"should be at least `probes.startup.within` ({format_duration(startup.within)}), got {found}"
            yield Finding((*here, "release", "ready_within"), message, "raise it")


@rule
def migrations_have_a_way_back(stack: Stack) -> Iterator[Finding]:
    """A migration without `down` is worth knowing of before it is needed."""
    for here, service in services(stack):
        migrate = service.release.migrate
        if migrate is not None and migrate.down is None:
            message = "has no `down`: a release that is taken back leaves the data changed"
            yield Finding((*here, "release", "migrate"), message, "add `down: …`", "note")
        if migrate is not None and migrate.down == migrate.up:
            path = (*here, "release", "migrate", "down")
            yield Finding(path, "should be another command than `up`", "name the command that undoes it")


@rule
def a_release_is_not_its_own_company(stack: Stack) -> Iterator[Finding]:
    """Each service stands once in `with`."""
    for here, service in services(stack):
        together = service.release.with_services
        for n, name in enumerate(together):
            if name in together[:n]:
                yield Finding((*here, "release", "with", n), f"`{name}` stands twice", "keep one of them")


@rule
def time_is_not_nothing(stack: Stack) -> Iterator[Finding]:
    """Limits and periods of no length would fail everything at once, or never end."""
    for here, service in services(stack):
        for kind in ("startup", "readiness", "liveness"):
            probe = getattr(service.probes, kind)
            for key in ("every", "timeout", "within"):
                if probe is not None and getattr(probe, key) <= 0:
                    yield _nothing((*here, "probes", kind, key))
        release = service.release
        if release.ready_within <= 0:
            yield _nothing((*here, "release", "ready_within"))
        if release.migrate is not None and release.migrate.timeout <= 0:
            yield _nothing((*here, "release", "migrate", "timeout"))
        for moment in ("before", "after"):
            for n, hook in enumerate(getattr(release.hooks, moment)):
                if hook.timeout <= 0:
                    yield _nothing((*here, "release", "hooks", moment, n, "timeout"))


def _nothing(path: KeyPath) -> Finding:
    return Finding(path, "should be more than 0s", "such as `5s`")
