"""What a container or a cluster refuses when it starts: two things in one place, and labels that are kept."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack

RESERVED = ("app.kubernetes.io/", "fairlead.dev/", "statefulset.kubernetes.io/", "pod-template-hash")
"""Labels by which pods are picked out; somebody else's value there, and a service has no pods."""


@rule
def writable_paths_differ(stack: Stack) -> Iterator[Finding]:
    """Nothing is mounted twice at one path."""
    for here, service in services(stack):
        taken = {(volume.path or f"/data/{name}").rstrip("/"): name for name, volume in service.volumes.items()}
        seen: set[str] = set()
        for n, path in enumerate(service.hardening.writable):
            where, bare = (*here, "hardening", "writable", n), path.rstrip("/")
            if bare in taken:
                yield Finding(
                    where, f"the volume `{taken[bare]}` is there already", "take it out: volumes are writable"
                )
            elif bare in seen:
                yield Finding(where, "stands twice", "keep one of them")
            seen.add(bare)


@rule
def labels_are_free(stack: Stack) -> Iterator[Finding]:
    """Labels that pick pods out belong to who renders them."""
    parts = [(("labels",), stack.labels), *(((*here, "labels"), service.labels) for here, service in services(stack))]
    for where, labels in parts:
        for key in labels:
            if key.startswith(RESERVED):
                yield Finding((*where, key), "is kept for what picks instances out", "choose a name of your own")


@rule
def maintenance_can_begin(stack: Stack) -> Iterator[Finding]:
    """Somebody may be away, or no machine can ever be emptied."""
    for here, service in services(stack):
        if service.scale.disruption is not None and service.scale.disruption <= 0:
            message = "should be at least 1 or a part of all: with 0 no machine can ever be emptied"
            yield Finding((*here, "scale", "disruption"), message, "such as `1`, or `25%`")
