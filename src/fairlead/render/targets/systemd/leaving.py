"""What units have no words for: what only a cluster has, what a proxy does, and what `fairlead` itself does."""

from __future__ import annotations

ASKED = "Prometheus asks there: its own target says so"
BACKOFF = "systemd waits as long each time; before its version 254 it has no words for more"
CLUSTER = "only a cluster has it"
DISK = "a unit takes no part of a disk: volumes are folders"
DOWN = "`migrate down` of the scripts target takes it back"
DUMP = "a dump has no log of changes: CloudNativePG and managed databases keep one"
ELSEWHERE = "other targets render it"
ENGINE = "units need no Docker engine"
ENTRANCE = "units have no entrance: a proxy in front of the ports is yours"
GPU = "a unit is given all accelerators of the machine, or none"
PEOPLE = "is for people and runbooks, which another target renders"
PIPELINE = "the github-actions target renders it"
PROCESSES = "units run processes; images are run by other targets"
RELEASED = "`fairlead deploy` does it; a unit has one version"
SCALED = "one machine has as many instances as `min` says"
STORES = "whoever runs the store does that"
USER = "a unit has a user of its own, which is there as long as it runs"
VARIABLE = "a program is told its directory in a variable"
WATCHED = "the targets that watch render it"

LEFT_OUT: dict[str, str] = {
    "services.*.snapshot": RELEASED,
    "services.*.ports.*.path": ASKED,
    "services.*.resources.disk": DISK,
    "services.*.resources.gpu": GPU,
    "services.*.scale.max": SCALED,
    "services.*.scale.targets": SCALED,
    "services.*.scale.up": SCALED,
    "services.*.scale.down": SCALED,
    "services.*.scale.vertical": SCALED,
    "services.*.scale.disruption": SCALED,
    "services.*.volumes.*.path": VARIABLE,
    "services.*.volumes.*.size": DISK,
    "services.*.volumes.*.storage": DISK,
    "services.*.traffic": ENTRANCE,
    "services.*.objectives": WATCHED,
    "services.*.release.strategy": RELEASED,
    "services.*.release.watch": RELEASED,
    "services.*.release.keep_warm": RELEASED,
    "services.*.release.drain": RELEASED,
    "services.*.release.surge": RELEASED,
    "services.*.release.hooks": RELEASED,
    "services.*.release.migrate.down": DOWN,
    "services.*.release.canary.steps": RELEASED,
    "services.*.release.canary.pace": RELEASED,
    "services.*.release.canary.warm_up": RELEASED,
    "services.*.release.canary.deadline": RELEASED,
    "services.*.release.canary.at_deadline": RELEASED,
    "services.*.release.canary.errors": RELEASED,
    "services.*.release.canary.latency": RELEASED,
    "services.*.release.canary.first_byte": RELEASED,
    "services.*.release.canary.prometheus": RELEASED,
    "services.*.release.canary.indicators.*.source": RELEASED,
    "services.*.release.shadow": RELEASED,
    "services.*.release.with": RELEASED,
    "services.*.release.keep_versions": RELEASED,
    "services.*.restart.backoff_max": BACKOFF,
    "services.*.placement.spread": CLUSTER,
    "services.*.placement.spot": CLUSTER,
    "services.*.placement.node_group": CLUSTER,
    "services.*.hardening.user": USER,
    "stores.*.version": STORES,
    "stores.*.managed": STORES,
    "stores.*.size": STORES,
    "stores.*.storage": STORES,
    "stores.*.replicas": STORES,
    "stores.*.read_replicas": STORES,
    "stores.*.pooling": STORES,
    "stores.*.topics": STORES,
    "stores.*.resources": STORES,
    "stores.*.settings": STORES,
    "stores.*.backup.point_in_time": DUMP,
    "stores.*.recovery": PEOPLE,
    "stores.*.versioning": STORES,
    "stores.*.expire": STORES,
    "stores.*.profiles": STORES,
    "runtime": PROCESSES,
    "docker": ENGINE,
    "router": ENTRANCE,
    "objectives": WATCHED,
    "backup.point_in_time": DUMP,
    "cluster_backup.point_in_time": DUMP,
    "recovery": PEOPLE,
    "watching.metrics_keep": WATCHED,
    "watching.remote_write": WATCHED,
    "watching.traces": WATCHED,
    "watching.trace_share": WATCHED,
    "watching.dashboards": WATCHED,
    "watching.alerts": WATCHED,
    "watching.channels": WATCHED,
    "watching.critical": WATCHED,
    "watching.warning": WATCHED,
    "watching.node_metrics": WATCHED,
    "watching.runbooks": WATCHED,
    "mesh": CLUSTER,
    "security": ELSEWHERE,
    "pipeline": PIPELINE,
    "cloud": ELSEWHERE,
    "kubernetes": CLUSTER,
}
"""Pattern -> why."""
