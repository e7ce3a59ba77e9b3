"""Who may do what: the namespace, an account for each service (which may do nothing), one that releases, priorities."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import DESCRIPTION, Cluster, Object
from fairlead.render.cluster.placing import priority_class

RBAC = "rbac.authorization.k8s.io/v1"
DEPLOYER = "deployer"
PRIORITIES = {"low": -1000, "high": 100_000}


def of(cluster: Cluster) -> Iterator[Object]:
    """The namespace first: everything else is in it."""
    yield _namespace(cluster)
    for priority in sorted({service.placement.priority for service in cluster.stack.services.values()} - {"normal"}):
        yield cluster.wide(
            "scheduling.k8s.io/v1",
            "PriorityClass",
            priority_class(cluster, priority),
            value=PRIORITIES[priority],
            globalDefault=False,
            preemptionPolicy="PreemptLowerPriority" if priority == "high" else "Never",
            description=f"Services of {cluster.stack.name} whose priority is {priority}",
        )
    for name in cluster.stack.services:
        yield cluster.object("v1", "ServiceAccount", name, automountServiceAccountToken=False)
    yield from _deployer(cluster)


def _namespace(cluster: Cluster) -> Object:
    found = cluster.wide("v1", "Namespace", cluster.namespace)
    labels = found["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        labels[f"pod-security.kubernetes.io/{mode}"] = "restricted"
        labels[f"pod-security.kubernetes.io/{mode}-version"] = "latest"
    if cluster.stack.mesh.kind == "istio":
        labels["istio-injection"] = "enabled"
    if cluster.stack.description:
        found["metadata"]["annotations"] = {DESCRIPTION: cluster.stack.description}
    return found


def _deployer(cluster: Cluster) -> Iterator[Object]:
    """Whom a pipeline is: it may put in what is rendered here, and read no secret."""
    yield cluster.object("v1", "ServiceAccount", DEPLOYER, automountServiceAccountToken=False)
    rules = [
        {"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch", "create", "update", "patch"]}
        for group, resources in sorted(_managed(cluster).items())
    ]
    rules.append({"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": ["get", "list", "watch"]})
    yield cluster.object(RBAC, "Role", DEPLOYER, rules=rules)
    yield cluster.object(
        RBAC,
        "RoleBinding",
        DEPLOYER,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": DEPLOYER},
        subjects=[{"kind": "ServiceAccount", "name": DEPLOYER, "namespace": cluster.namespace}],
    )


def _managed(cluster: Cluster) -> dict[str, list[str]]:
    """What a release changes; not who may do what, nor what is allowed to connect."""
    found = {
        "": ["configmaps", "services"],
        "apps": ["deployments", "statefulsets"],
        "autoscaling": ["horizontalpodautoscalers"],
        "policy": ["poddisruptionbudgets"],
        "networking.k8s.io": ["ingresses"],
    }
    if any(service.schedule for service in cluster.stack.services.values()):
        found["batch"] = ["cronjobs"]
    if cluster.stack.kubernetes.rollouts == "argo":
        found["argoproj.io"] = ["rollouts", "analysistemplates"]
    return found
