"""Velero: the cluster's own objects and the volumes, at the times that the stack names."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.quantities import seconds
from fairlead.stack.model.store import Backup

NAMESPACE = "velero"


def of(cluster: Cluster) -> Iterator[Object]:
    """One schedule for each place that copies go to."""
    for what, policy in (("objects", cluster.stack.cluster_backup), ("volumes", cluster.stack.backup)):
        if policy is None or (what == "volumes" and not _volumes(cluster)):
            continue
        yield _schedule(cluster, what, policy, "default")
        if policy.region:
            yield _schedule(cluster, what, policy, policy.region)


def cron(policy: Backup) -> str:
    """The times of a policy as five fields of cron; the nearest that cron can say to a span."""
    if policy.at:
        return policy.at
    minutes = max(1, round((policy.every or 86400) / 60))
    if minutes < 60:
        return f"*/{minutes} * * * *"
    hours = round(minutes / 60)
    if hours < 24:
        return f"0 */{hours} * * *"
    days = round(hours / 24)
    return "30 2 * * *" if days == 1 else f"30 2 */{min(days, 28)} * *"


def _volumes(cluster: Cluster) -> bool:
    services = cluster.stack.services.values()
    return any(volume.backup and not volume.temporary for service in services for volume in service.volumes.values())


def _schedule(cluster: Cluster, what: str, policy: Backup, location: str) -> Object:
    template: Object = {
        "includedNamespaces": [cluster.namespace],
        "storageLocation": location,
        "ttl": f"{seconds(policy.keep) // 3600}h0m0s",
        "snapshotVolumes": what == "volumes",
    }
    if what == "objects":
        template["excludedResources"] = ["secrets", "persistentvolumes", "persistentvolumeclaims", "pods"]
    name = "-".join([cluster.namespace, what, *([location] if location != "default" else [])])
    found = cluster.object(
        "velero.io/v1",
        "Schedule",
        name,
        {"schedule": cron(policy), "useOwnerReferencesInBackup": False, "template": template},
        owner=cluster.stack.name,
    )
    found["metadata"]["namespace"] = NAMESPACE
    return found
