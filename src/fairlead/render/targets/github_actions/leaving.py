"""What a pipeline has no use for: it builds, tests and deploys what other targets say how to run."""

from __future__ import annotations

DEPLOYED = "the roll-out does it: the kubernetes target renders it"
ELSEWHERE = "other targets render it"
IMAGES = "the docker target renders it, and the pipeline builds that"
MACHINE = "the systemd and kubernetes targets have times for it"
PEOPLE = "is for people and runbooks, which another target renders"
RUNNING = "it says how something runs: other targets render it"
TOLD = "Alertmanager's target renders it"
WATCHED = "the targets that watch render it"

LEFT_OUT: dict[str, str] = {
    "description": PEOPLE,
    "labels": ELSEWHERE,
    "services.*.description": RUNNING,
    "services.*.with": RUNNING,
    "services.*.command": RUNNING,
    "services.*.image": RUNNING,
    "services.*.directory": RUNNING,
    "services.*.snapshot": RUNNING,
    "services.*.ignore": RUNNING,
    "services.*.environment": RUNNING,
    "services.*.secrets": RUNNING,
    "services.*.ports": RUNNING,
    "services.*.probes.startup.grpc": RUNNING,
    "services.*.probes.startup.command": RUNNING,
    "services.*.probes.readiness.grpc": RUNNING,
    "services.*.probes.readiness.command": RUNNING,
    "services.*.probes.liveness.grpc": RUNNING,
    "services.*.probes.liveness.command": RUNNING,
    "services.*.resources": RUNNING,
    "services.*.scale.min": RUNNING,
    "services.*.scale.up": RUNNING,
    "services.*.scale.down": RUNNING,
    "services.*.scale.vertical": RUNNING,
    "services.*.scale.disruption": RUNNING,
    "services.*.needs": RUNNING,
    "services.*.volumes": RUNNING,
    "services.*.traffic": RUNNING,
    "services.*.objectives": WATCHED,
    "services.*.release.watch": DEPLOYED,
    "services.*.release.keep_warm": DEPLOYED,
    "services.*.release.drain": DEPLOYED,
    "services.*.release.ready_within": DEPLOYED,
    "services.*.release.surge": DEPLOYED,
    "services.*.release.hooks": DEPLOYED,
    "services.*.release.migrate": DEPLOYED,
    "services.*.release.canary.steps": DEPLOYED,
    "services.*.release.canary.pace": DEPLOYED,
    "services.*.release.canary.warm_up": DEPLOYED,
    "services.*.release.canary.deadline": DEPLOYED,
    "services.*.release.canary.at_deadline": DEPLOYED,
    "services.*.release.canary.errors": DEPLOYED,
    "services.*.release.canary.latency": DEPLOYED,
    "services.*.release.canary.first_byte": DEPLOYED,
    "services.*.release.canary.prometheus": DEPLOYED,
    "services.*.release.canary.indicators.*.source": DEPLOYED,
    "services.*.release.shadow": DEPLOYED,
    "services.*.release.with": DEPLOYED,
    "services.*.release.keep_versions": DEPLOYED,
    "services.*.restart": RUNNING,
    "services.*.stop": RUNNING,
    "services.*.logs": RUNNING,
    "services.*.placement": RUNNING,
    "services.*.hardening": RUNNING,
    "services.*.schedule": RUNNING,
    "services.*.profiles": RUNNING,
    "services.*.labels": RUNNING,
    "stores.*.kind": RUNNING,
    "stores.*.version": RUNNING,
    "stores.*.managed": RUNNING,
    "stores.*.size": RUNNING,
    "stores.*.storage": RUNNING,
    "stores.*.replicas": RUNNING,
    "stores.*.resources": RUNNING,
    "stores.*.settings": RUNNING,
    "stores.*.env": RUNNING,
    "stores.*.backup": RUNNING,
    "stores.*.recovery.rpo": RUNNING,
}
"""Pattern -> why."""
