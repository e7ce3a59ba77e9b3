"""Amounts: what is reserved is not more than what may be used, and what may be used is enough to be used at all."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.quantity import format_cpu, format_size
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.resources import Resources
from fairlead.stack.model.service import Service

LEAST_CPU = 0.001
"""A cluster counts thousandths of a core."""

LEAST_MEMORY = 6 * 1000**2
"""Docker starts no container with less: https://docs.docker.com/engine/containers/resource_constraints/"""

LARGEST_USER = 2**31 - 1
"""Of Linux, as a cluster's API takes it."""


@rule
def requests_fit_limits(stack: Stack) -> Iterator[Finding]:
    """What is reserved is not more than what may be used."""
    for here, resources in _every(stack):
        cpu = resources.cpu
        if cpu.request is not None and cpu.limit is not None and cpu.request > cpu.limit:
            yield _over((*here, "cpu", "request"), format_cpu(cpu.limit), format_cpu(cpu.request))
        for key in ("memory", "disk"):
            share = getattr(resources, key)
            if share.request is not None and share.limit is not None and share.request > share.limit:
                yield _over((*here, key, "request"), format_size(share.limit), format_size(share.request))


def _every(stack: Stack) -> Iterator[tuple[KeyPath, Resources]]:
    for here, service in services(stack):
        yield (*here, "resources"), service.resources
    for name, store in stack.stores.items():
        yield ("stores", name, "resources"), store.resources


def _over(path: KeyPath, limit: str, request: str) -> Finding:
    return Finding(path, f"should be at most limit ({limit}), got {request}", "raise `limit` or lower `request`")


@rule
def resources_are_enough(stack: Stack) -> Iterator[Finding]:
    """No engine starts anything with less."""
    for here, resources in _every(stack):
        for key in ("request", "limit"):
            cores, memory, disk = (getattr(getattr(resources, kind), key) for kind in ("cpu", "memory", "disk"))
            if cores is not None and cores < LEAST_CPU:
                message = f"should be at least {format_cpu(LEAST_CPU)}, got {format_cpu(cores)}"
                yield Finding((*here, "cpu", key), message, "such as `250m`")
            if memory is not None and memory < LEAST_MEMORY:
                message = f"should be at least {format_size(LEAST_MEMORY)}, got {format_size(memory)}"
                yield Finding((*here, "memory", key), message, "such as `128Mi`")
            if disk == 0:
                yield _empty((*here, "disk", key))


@rule
def room_is_not_nothing(stack: Stack) -> Iterator[Finding]:
    """Volumes, stores and logs hold something, and a limit of requests lets some through."""
    for name, store in stack.stores.items():
        if store.size == 0:
            yield _empty(("stores", name, "size"))
    for here, service in services(stack):
        for name, volume in service.volumes.items():
            if volume.size == 0:
                yield _empty((*here, "volumes", name, "size"))
        if service.logs.max_size == 0:
            yield _empty((*here, "logs", "max_size"))
        yield from _passed((*here, "traffic"), service)


def _passed(where: KeyPath, service: Service) -> Iterator[Finding]:
    traffic = service.traffic
    if traffic.body_limit == 0:
        yield _empty((*where, "body_limit"))
    if traffic.rate_limit is not None and (traffic.rate_limit[0] < 1 or traffic.rate_limit[1] <= 0):
        yield Finding((*where, "rate_limit"), "should let at least one request through", "such as `100/s`")
    for key in ("timeout", "idle_timeout"):
        if getattr(traffic, key) == 0:
            yield Finding((*where, key), "should be more than 0s", "leave it out for none")


def _empty(path: KeyPath) -> Finding:
    return Finding(path, "should be more than 0B", "such as `64Mi`")


@rule
def waits_grow(stack: Stack) -> Iterator[Finding]:
    """The longest wait is not shorter than the first."""
    for here, service in services(stack):
        if service.restart.backoff_max < service.restart.backoff:
            message = "should be at least `backoff`, the first wait"
            yield Finding((*here, "restart", "backoff_max"), message, "raise it, or lower `backoff`")


@rule
def users_exist(stack: Stack) -> Iterator[Finding]:
    """The number of a user fits into what Linux counts them in."""
    for here, service in services(stack):
        if service.hardening.user > LARGEST_USER:
            message = f"should be at most {LARGEST_USER}, got {service.hardening.user}"
            yield Finding((*here, "hardening", "user"), message, "such as 1001")
