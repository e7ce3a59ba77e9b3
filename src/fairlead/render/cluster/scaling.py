"""How many there are: autoscalers, recommendations, and how many may be away at once."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object, is_progressive, is_scaled, is_stateful
from fairlead.render.cluster.quantities import resources, seconds
from fairlead.render.cluster.rollouts import API as ARGO
from fairlead.stack.model.resources import ScaleStep
from fairlead.stack.model.service import Service

MOST_PERIOD_S = 1800
USUAL_UP = ScaleStep.model_validate({"percent": "100%", "every": "15s"})
USUAL_DOWN = ScaleStep.model_validate({"percent": "10%", "every": "1m", "stabilise": "5m"})
METRICS = {
    "requests_per_second": "fairlead_requests_per_second",
    "in_flight": "fairlead_requests_in_flight",
    "queue": "fairlead_queue_depth",
}
"""What an adapter serves for a pod, by the target in the stack."""


def of(cluster: Cluster) -> Iterator[Object]:
    """For the services that run all the time."""
    for name, service in cluster.services():
        if is_scaled(service):
            keda = cluster.stack.kubernetes.autoscaler == "keda"
            yield (_scaled_object if keda else _autoscaler)(cluster, name, service)
        if service.scale.vertical != "off":
            yield _vertical(cluster, name, service)
        if (service.scale.max or service.scale.min) > 1:
            yield _budget(cluster, name, service)


def target(cluster: Cluster, name: str, service: Service) -> Object:
    """What is scaled."""
    if is_progressive(cluster, service):
        return {"apiVersion": ARGO, "kind": "Rollout", "name": name}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet" if is_stateful(service) else "Deployment", "name": name}


def behavior(service: Service) -> Object:
    """How fast it grows and shrinks. Where nothing is said: as the cluster does, but shrinking by a tenth a minute."""
    up, down = service.scale.up, service.scale.down
    return {
        "scaleUp": _rules(up or USUAL_UP),
        "scaleDown": _rules(down or USUAL_DOWN),
    }


def _rules(step: ScaleStep) -> Object:
    period = min(MOST_PERIOD_S, seconds(step.every))
    policies = []
    if step.percent is not None:
        policies.append({"type": "Percent", "value": max(1, round(step.percent)), "periodSeconds": period})
    if step.count is not None or step.percent is None:
        policies.append({"type": "Pods", "value": step.count or 1, "periodSeconds": period})
    return {"stabilizationWindowSeconds": round(step.stabilise), "selectPolicy": "Max", "policies": policies}


def _autoscaler(cluster: Cluster, name: str, service: Service) -> Object:
    said = service.scale
    metrics: list[Object] = []
    for resource, percent in (("cpu", said.targets.cpu), ("memory", said.targets.memory)):
        if percent is not None:
            utilization = {"type": "Utilization", "averageUtilization": round(percent)}
            metrics.append({"type": "Resource", "resource": {"name": resource, "target": utilization}})
    for key, metric in METRICS.items():
        if (value := getattr(said.targets, key)) is not None:
            average = {"type": "AverageValue", "averageValue": f"{round(value * 1000)}m"}
            metrics.append({"type": "Pods", "pods": {"metric": {"name": metric}, "target": average}})
    spec = {
        "scaleTargetRef": target(cluster, name, service),
        "minReplicas": max(1, said.min),
        "maxReplicas": said.max,
        "metrics": metrics or [_usual()],
        "behavior": behavior(service),
    }
    return cluster.object("autoscaling/v2", "HorizontalPodAutoscaler", name, spec)


def _usual() -> Object:
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }


def _scaled_object(cluster: Cluster, name: str, service: Service) -> Object:
    said = service.scale
    triggers: list[Object] = []
    for resource, percent in (("cpu", said.targets.cpu), ("memory", said.targets.memory)):
        if percent is not None:
            value = {"value": str(round(percent))}
            triggers.append({"type": resource, "metricType": "Utilization", "metadata": value})
    for key, metric in METRICS.items():
        if (number := getattr(said.targets, key)) is not None:
            query = f'sum({metric}{{namespace="{cluster.namespace}",service="{name}"}})'
            address = cluster.stack.kubernetes.prometheus
            metadata = {"serverAddress": address, "query": query, "threshold": f"{number:g}"}
            triggers.append({"type": "prometheus", "metricType": "AverageValue", "metadata": metadata})
    usual = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "80"}}
    spec = {
        "scaleTargetRef": target(cluster, name, service),
        # by load of the processor or memory nobody gets from none to one
        "minReplicaCount": said.min if any(one["type"] == "prometheus" for one in triggers) else max(1, said.min),
        "maxReplicaCount": said.max,
        "pollingInterval": 15,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior(service)}},
        "triggers": triggers or [usual],
    }
    return cluster.object("keda.sh/v1alpha1", "ScaledObject", name, spec)


def _vertical(cluster: Cluster, name: str, service: Service) -> Object:
    """Recommendations only, unless the stack lets them be applied."""
    limits = resources(service.resources)["limits"]
    bounds = {"containerName": name, "controlledResources": ["cpu", "memory"]}
    policy = {**bounds, "maxAllowed": {key: limits[key] for key in ("cpu", "memory")}}
    spec = {
        "targetRef": target(cluster, name, service),
        "updatePolicy": {"updateMode": "Off" if service.scale.vertical == "recommend" else "Recreate"},
        "resourcePolicy": {"containerPolicies": [policy]},
    }
    return cluster.object("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", name, spec)


def _budget(cluster: Cluster, name: str, service: Service) -> Object:
    away = service.scale.disruption
    spec = {
        "maxUnavailable": 1 if away is None else away if isinstance(away, int) else f"{round(away)}%",
        "selector": {"matchLabels": cluster.selector(name)},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return cluster.object("policy/v1", "PodDisruptionBudget", name, spec)
