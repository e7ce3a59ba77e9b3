"""How many instances there are: the bounds hold together, and an autoscaler has what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.quantity import format_duration
from fairlead.kit.yaml import KeyPath
from fairlead.stack.check.finding import Finding, rule
from fairlead.stack.check.programs import services
from fairlead.stack.model import Stack
from fairlead.stack.model.resources import Scale, ScaleStep, ScaleTargets
from fairlead.stack.model.service import Service

MOST_EVERY_S, MOST_LOOKED_BACK_S = 1800.0, 3600.0
"""Of an autoscaler in a cluster (HPAScalingPolicy, HPAScalingRules)."""


@rule
def scale_holds_together(stack: Stack) -> Iterator[Finding]:
    """`min` is at most `max`, and targets have room between them."""
    for here, service in services(stack):
        where, scale = (*here, "scale"), service.scale
        if scale.max is not None and scale.max < scale.min:
            message = f"should be at least min ({scale.min}), got {scale.max}"
            yield Finding((*where, "max"), message, "raise `max` or lower `min`")
        elif scale.targets != ScaleTargets():
            yield from _autoscaled(where, service, scale)
        yield from _somebody(where, scale, stack.kubernetes.autoscaler)
        for key in ("up", "down"):
            yield from _step((*where, key), getattr(scale, key))


def _autoscaled(where: KeyPath, service: Service, scale: Scale) -> Iterator[Finding]:
    if scale.max is None or scale.max == scale.min:
        found = "none" if scale.max is None else scale.max
        message = f"needs a max above min ({scale.min}), got {found}"
        yield Finding((*where, "targets"), message, "add `max`, or take `targets` out")
    for key in ("cpu", "memory"):
        if getattr(scale.targets, key) is not None and getattr(scale.targets, key) < 1:
            yield Finding((*where, "targets", key), "should be at least 1%", "such as `70%`")
        if getattr(scale.targets, key) is not None and getattr(service.resources, key).request is None:
            message = f"is a part of what is requested, and `resources.{key}.request` is not set"
            yield Finding((*where, "targets", key), message, f"set `resources.{key}.request`")


def _somebody(where: KeyPath, scale: Scale, autoscaler: str) -> Iterator[Finding]:
    """Whoever scales from nothing needs a load that can be seen while nobody runs."""
    if scale.min > 0 or not scale.max:
        return
    if autoscaler != "keda":
        message = f"should be at least 1: the autoscaler `{autoscaler}` starts nothing from nothing"
        yield Finding((*where, "min"), message, "raise it, or set `kubernetes.autoscaler: keda`")
    elif not (scale.targets.queue or scale.targets.requests_per_second or scale.targets.in_flight):
        message = "should be at least 1: nobody's use of CPU and memory starts nobody"
        yield Finding((*where, "min"), message, "raise it, or add a target such as `queue`")


def _step(where: KeyPath, step: ScaleStep | None) -> Iterator[Finding]:
    if step is None:
        return
    if step.percent is None and step.count is None:
        yield Finding(where, "needs `percent` or `count`", "say by how much it may change in `every`")
    if step.percent is not None and step.percent < 1:
        yield Finding((*where, "percent"), "should be at least 1%", "or say `count: 1`")
    if not 1 <= step.every <= MOST_EVERY_S:
        message = f"should be from 1s to {format_duration(MOST_EVERY_S)}, got {format_duration(step.every)}"
        yield Finding((*where, "every"), message, "such as `1m`")
    if step.stabilise > MOST_LOOKED_BACK_S:
        message = f"should be at most {format_duration(MOST_LOOKED_BACK_S)}, got {format_duration(step.stabilise)}"
        yield Finding((*where, "stabilise"), message, "such as `5m`")


@rule
def disruption_leaves_somebody(stack: Stack) -> Iterator[Finding]:
    """Not all instances may be away at once."""
    for here, service in services(stack):
        away = service.scale.disruption
        if isinstance(away, float) and away > 100:
            yield Finding((*here, "scale", "disruption"), f"should be at most 100%, got {away:g}%", "lower it")


@rule
def node_groups_hold_together(stack: Stack) -> Iterator[Finding]:
    """A node group's `min` is at most its `max`."""
    for name, group in (stack.cloud.nodes if stack.cloud else {}).items():
        if group.min > group.max:
            message = f"should be at least min ({group.min}), got {group.max}"
            yield Finding(("cloud", "nodes", name, "max"), message, "raise `max` or lower `min`")
