"""What is named elsewhere in the stack has to be declared there, and nothing may wait for itself."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.kit import suggest
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Need, Service


@rule
def needs_are_there(stack: Stack) -> Iterator[Finding]:
    """A service needs services and stores of this stack, others than itself, each once."""
    known = {*stack.services, *stack.stores}
    for here, service in services(stack):
        seen: set[tuple[str, str | None]] = set()
        for n, need in enumerate(service.needs):
            where = (*here, "needs", n)
            if need.name not in known:
                message = f"there is no service or store `{need.name}`"
                yield Finding(where, message, suggest.hint(need.name, known - {here[1]}, none="declare it"))
            elif (need.name, need.port) in seen:
                yield Finding(where, f"`{need.name}` is needed twice", "keep one of them")
            else:
                yield from _fits(stack, service, need, where)
            seen.add((need.name, need.port))


def _fits(stack: Stack, service: Service, need: Need, where: KeyPath) -> Iterator[Finding]:
    """The port that is meant exists, and what is needed runs whenever this service does."""
    target = stack.services.get(need.name)
    profiles = target.profiles if target else stack.stores[need.name].profiles
    if need.port is not None and (target is None or need.port not in target.ports):
        hint = suggest.hint(need.port, target.ports if target else [], none="take `port` out")
        yield Finding((*where, "port"), f"`{need.name}` has no port `{need.port}`", hint)
    if profiles and not (service.profiles and set(service.profiles) <= set(profiles)):
        message = f"`{need.name}` runs only with the profile " + " or ".join(f"`{profile}`" for profile in profiles)
        yield Finding(where, message, "give this service the same `profiles`, or take them off there")


@rule
def nothing_waits_for_itself(stack: Stack) -> Iterator[Finding]:
    """`needs` and `release.with` have no cycle."""
    needs = {name: [need.name for need in service.needs] for name, service in stack.services.items()}
    for cycle in cycles(needs):
        where = ("services", cycle[0], "needs", needs[cycle[0]].index(cycle[1]))
        yield Finding(where, f"these wait for each other: {' -> '.join(cycle)}", "take one of these needs out")
    together = {
        name: [other for other in service.release.with_services if other != name]
        for name, service in stack.services.items()
    }
    for cycle in cycles(together):
        yield Finding(
            ("services", cycle[0], "release", "with"),
            f"these release each other: {' -> '.join(cycle)}",
            "keep one direction",
        )


def cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each cycle, from the node that comes first, its first node again at the end."""
    left = {node: list(targets) for node, targets in edges.items()}
    while True:
        try:
            graphlib.TopologicalSorter(left).prepare()
        except graphlib.CycleError as error:
            cycle = _from_the_first(error.args[1][:0:-1], list(edges))
            left[cycle[0]].remove(cycle[1])
            yield cycle
        else:
            return


def _from_the_first(ring: list[str], order: list[str]) -> list[str]:
    start = ring.index(min(ring, key=order.index))
    return [*ring[start:], *ring[:start], ring[start]]


@rule
def released_together_exist(stack: Stack) -> Iterator[Finding]:
    """Services released with another one are services of this stack."""
    for here, service in services(stack):
        where = (*here, "release", "with")
        yield from unknown(where, service.release.with_services, stack.services, "service")


@rule
def names_are_not_shared(stack: Stack) -> Iterator[Finding]:
    """A service and a store of one name would share an address and a variable."""
    for name in stack.stores:
        if name in stack.services:
            yield Finding(("stores", name), f"there is a service `{name}` too", "rename one of them")


@rule
def channels_exist(stack: Stack) -> Iterator[Finding]:
    """Alerts, escalations and news of deployments go to channels that are declared."""
    watching = stack.watching
    yield from unknown(("watching", "critical"), watching.critical, watching.channels, "channel")
    yield from unknown(("watching", "warning"), watching.warning, watching.channels, "channel")
    for name, channel in watching.channels.items():
        where = ("watching", "channels", name, "escalate_to")
        if channel.escalate_to == name:
            yield Finding(where, "should be another channel", "name the one to tell next")
        elif channel.escalate_to is not None:
            yield from unknown(where, [channel.escalate_to], watching.channels, "channel", listed=False)
    nexts = {
        name: [channel.escalate_to]
        for name, channel in watching.channels.items()
        if channel.escalate_to is not None and channel.escalate_to != name
    }
    for cycle in cycles(nexts):
        where = ("watching", "channels", cycle[0], "escalate_to")
        yield Finding(where, f"these tell each other: {' -> '.join(cycle)}", "let the last one tell nobody")
    if stack.pipeline is not None:
        yield from unknown(("pipeline", "notify"), stack.pipeline.notify, watching.channels, "channel")


@rule
def environments_exist(stack: Stack) -> Iterator[Finding]:
    """The pipeline deploys to environments that are declared."""
    if stack.pipeline is None:
        return
    yield from unknown(("pipeline", "approve"), stack.pipeline.approve, stack.environments, "environment")
    for name in stack.pipeline.branches:
        where = ("pipeline", "branches", name)
        yield from unknown(where, [name], stack.environments, "environment", listed=False)


@rule
def node_groups_exist(stack: Stack) -> Iterator[Finding]:
    """A service prefers a node group that the cloud has."""
    groups = stack.cloud.nodes if stack.cloud else {}
    for here, service in services(stack):
        if service.placement.node_group is not None and stack.cloud is not None:
            where = (*here, "placement", "node_group")
            yield from unknown(where, [service.placement.node_group], groups, "node group", listed=False)


def unknown(
    where: KeyPath, named: Iterable[str], known: Iterable[str], what: str, *, listed: bool = True
) -> Iterator[Finding]:
    """A finding for each name that is not known."""
    names = list(known)
    for n, name in enumerate(named):
        if name not in names:
            path = (*where, n) if listed else where
            yield Finding(path, f"there is no {what} `{name}`", suggest.hint(name, names, none=f"declare the {what}"))
