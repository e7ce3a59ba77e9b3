"""Releases: each time limit leaves room for what it bounds, and every way in has a way back."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.quantity import format_duration
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack


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
    """Each service stands once in `with`, and never in its own."""
    for here, service in services(stack):
        together = service.release.with_services
        for n, name in enumerate(together):
            if name == here[1]:
                yield Finding((*here, "release", "with", n), f"`{name}` is this service itself", "take it out")
            elif name in together[:n]:
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
