"""Which services are meant, which of them are released as one, and in which order they come. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.engine.plan import ServiceChange
from fairlead.errors import UsageError
from fairlead.kit.suggest import hint
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service


def selected(stack: Stack, services: list[str], profiles: list[str] | None) -> list[str]:
    """The services meant: those named, with all that they need; or every one that runs all the time and is in no
    profile, or in one asked for.

    `profiles` of `None` asks for every one, in whatever profile. Raises `UsageError` for a name that does not exist.
    """
    for name in services:
        if name not in stack.services:
            raise UsageError(f"unknown service: {name}", hint=hint(name, list(stack.services)))
    if services and profiles is not None:
        return _with_needs(stack, services)
    if services or profiles is None:
        return services or list(stack.services)
    return [
        name
        for name, spec in stack.services.items()
        if spec.schedule is None and (not spec.profiles or set(spec.profiles) & set(profiles))
    ]


def _with_needs(stack: Stack, services: list[str]) -> list[str]:
    found = dict.fromkeys(services)
    for name in services:
        needed = [need.name for need in stack.services[name].needs if need.name in stack.services]
        found |= dict.fromkeys(_with_needs(stack, needed))
    return [name for name in stack.services if name in found]


def units(stack: Stack, changes: Iterable[ServiceChange]) -> dict[str, list[ServiceChange]]:
    """What is done at once, by the service that leads: new versions that `release.with` says belong together."""
    left = {change.service: change for change in changes if change.service in stack.services}
    found: dict[str, list[ServiceChange]] = {}
    for name in sorted(left, key=lambda name: not _leads(stack, left[name])):
        if name in left:
            lead = left.pop(name)
            along = stack.services[name].release.with_services if _leads(stack, lead) else []
            brought = [left.pop(other) for other in along if other in left and left[other].action == "release"]
            found[name] = [lead, *brought]
    return found


def _leads(stack: Stack, change: ServiceChange) -> bool:
    return change.action == "release" and bool(stack.services[change.service].release.with_services)


def levels(stack: Stack, changes: list[ServiceChange]) -> list[list[ServiceChange]]:
    """Changes in the order of needs: each level needs only those before it."""
    left = {change.service: change for change in changes}
    ordered = []
    while left:
        level = [
            change
            for name, change in left.items()
            if name not in stack.services or not _waits_for(stack.services[name]) & left.keys()
        ]
        ordered.append(level)
        left = {name: change for name, change in left.items() if change not in level}
    return ordered


def _waits_for(spec: Service) -> set[str]:
    return {need.name for need in spec.needs if need.condition == "ready"}
