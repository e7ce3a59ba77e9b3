"""Where the pods of a service may be: apart from one another, on which machines, and who goes first."""

from __future__ import annotations

from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.stack.model.service import Service

KEYS = {"host": "kubernetes.io/hostname", "zone": "topology.kubernetes.io/zone"}

NODE_GROUP = "fairlead.dev/node-group"
"""The label of machines that Terraform gives each node group."""

SPOT = "fairlead.dev/spot"
"""The taint of machines that can be taken away."""

AZURE_SPOT = "kubernetes.azure.com/scalesetpriority"
"""The taint that AKS gives such machines by itself."""

WEIGHT = 100


def placing(cluster: Cluster, name: str, service: Service) -> Object:
    """The fields of a pod's spec."""
    said = service.placement
    found: Object = {"affinity": _affinity(cluster, name, service)}
    if said.spread:
        found["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": KEYS[where],
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": cluster.selector(name)},
            }
            for where in said.spread
        ]
    if said.spot:
        taints = [SPOT, *([AZURE_SPOT] if cluster.stack.cloud and cluster.stack.cloud.provider == "azure" else [])]
        found["tolerations"] = [{"key": key, "operator": "Exists", "effect": "NoSchedule"} for key in taints]
    if said.priority != "normal":
        found["priorityClassName"] = priority_class(cluster, said.priority)
    return found


def priority_class(cluster: Cluster, priority: str) -> str:
    """Of the whole cluster, so with the namespace in its name."""
    return f"{cluster.namespace}-{priority}"


def _affinity(cluster: Cluster, name: str, service: Service) -> Object:
    said = service.placement
    archs = {"key": "kubernetes.io/arch", "operator": "In", "values": list(said.architectures)}
    node: Object = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [archs]}]}
    }
    if said.node_group:
        group = {"key": NODE_GROUP, "operator": "In", "values": [said.node_group]}
        node["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": WEIGHT, "preference": {"matchExpressions": [group]}}
        ]
    found: Object = {"nodeAffinity": node}
    if said.spread:
        apart = {"labelSelector": {"matchLabels": cluster.selector(name)}, "topologyKey": KEYS[said.spread[0]]}
        found["podAntiAffinity"] = {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": WEIGHT, "podAffinityTerm": apart}]
        }
    return found
