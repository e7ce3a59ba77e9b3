"""Canary and blue-green releases in a cluster: Argo Rollouts, judged by the stack's own objectives and margins.

Argo compares with fixed limits, which the stack's own judge does not need to: an analysis here asks Prometheus for the
ratio of the new version to the stable one and fails beyond the stack's margin. That is weaker than `fairlead deploy`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import mesh, pods
from fairlead.render.cluster.cluster import Cluster, Object, drains_s, is_scaled
from fairlead.render.cluster.quantities import seconds, span
from fairlead.render.parts import indicators
from fairlead.stack.model.service import Service

API = "argoproj.io/v1alpha1"
FAILURES = 2
"""Measurements in a row that are beyond a margin before a version is taken back."""
EVERY_S = 30
"""Between two measurements."""


def of_service(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    """The rollout and what judges it."""
    yield cluster.object(API, "Rollout", name, _rollout(cluster, name, service))
    yield _analysis(cluster, name, service)


def _rollout(cluster: Cluster, name: str, service: Service) -> Object:
    policy = service.release
    return {
        **({} if is_scaled(service) else {"replicas": service.scale.min}),
        "revisionHistoryLimit": policy.keep_versions,
        "progressDeadlineSeconds": seconds(policy.ready_within) + 1,
        "progressDeadlineAbort": True,
        "selector": {"matchLabels": cluster.selector(name)},
        "strategy": _blue_green(name, service) if policy.strategy == "blue-green" else _canary(cluster, name, service),
        "template": pods.template(cluster, name),
    }


def _blue_green(name: str, service: Service) -> Object:
    policy = service.release
    return {
        "blueGreen": {
            "activeService": name,
            "previewService": f"{name}-preview",
            "autoPromotionEnabled": True,
            "scaleDownDelaySeconds": max(seconds(policy.keep_warm), drains_s(policy)),
            "postPromotionAnalysis": {
                "templates": [{"templateName": name}],
                "args": [{"name": "new", "valueFrom": {"podTemplateHashValue": "Latest"}}, _stable()],
            },
        }
    }


def _canary(cluster: Cluster, name: str, service: Service) -> Object:
    policy = service.release
    steps: list[Object] = []
    for share in policy.canary.steps:
        if share < 100:
            steps += [{"setWeight": max(1, round(share))}, {"pause": {"duration": span(policy.canary.pace)}}]
    found: Object = {
        "canaryService": f"{name}-canary",
        "stableService": name,
        "maxSurge": policy.surge,
        "maxUnavailable": 0,
        "steps": steps,
        "analysis": {
            "startingStep": 1,
            "templates": [{"templateName": name}],
            "args": [{"name": "new", "valueFrom": {"podTemplateHashValue": "Latest"}}, _stable()],
        },
    }
    if traffic := _traffic(cluster, name, service):
        # Argo refuses these where nobody sends shares: the old pods are then the rest of the share
        warm = max(seconds(policy.keep_warm), drains_s(policy))
        found |= {"abortScaleDownDelaySeconds": drains_s(policy), "scaleDownDelaySeconds": warm}
        found["trafficRouting"] = traffic
    return {"canary": found}


def _stable() -> Object:
    return {"name": "stable", "valueFrom": {"podTemplateHashValue": "Stable"}}


def _traffic(cluster: Cluster, name: str, service: Service) -> Object | None:
    """Who sends the shares: what stands in front. Without anybody, shares are numbers of pods."""
    meshed = cluster.stack.mesh.kind == "istio" or (cluster.stack.router.gateway == "istio" and service.expose)
    if meshed and mesh.speaks_http(service):
        return {"istio": {"virtualServices": mesh.routes(cluster, name, service)}}
    if cluster.stack.router.gateway == "ingress" and service.expose:
        several = [name, *(f"{name}-{number}" for number in range(1, len(service.expose)))]
        return {"nginx": {"stableIngresses": several} if len(several) > 1 else {"stableIngress": name}}
    return None


def _analysis(cluster: Cluster, name: str, service: Service) -> Object:
    policy = service.release.canary
    address = cluster.stack.kubernetes.prometheus
    # a canary is measured for as long as its steps take; an analysis behind a cut-over has to end by itself
    ends = {"count": -(-seconds(service.release.watch) // EVERY_S)} if service.release.strategy == "blue-green" else {}
    metrics = [
        {
            "name": indicator.name,
            "interval": f"{EVERY_S}s",
            **ends,
            "initialDelay": span(policy.warm_up),
            "failureLimit": FAILURES,
            "inconclusiveLimit": 0,
            "consecutiveErrorLimit": 10,
            # no evidence is neither good nor bad: only a number beyond the margin fails
            "failureCondition": f"len(result) > 0 && !isNaN(result[0]) && result[0] > {indicator.margin:g}",
            "provider": {"prometheus": {"address": address, "query": indicator.query}},
        }
        for indicator in indicators.of_service(cluster.stack, cluster.namespace, name, service)
    ]
    spec = {"args": [{"name": "new"}, {"name": "stable"}], "metrics": metrics}
    return cluster.object(API, "AnalysisTemplate", name, spec)
