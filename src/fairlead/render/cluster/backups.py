"""Velero: the cluster's own objects and the volumes, at the times that the stack names.

A copy for a second region goes to the storage location called as that region, which has to be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.render.cluster.addresses import is_outside, pods_of_store
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.places import BLOBS, OWN_WAY, Bucket, bucket
from fairlead.render.cluster.quantities import seconds
from fairlead.stack.model.store import Backup

API = "velero.io/v1"
NAMESPACE = "velero"
NOT_OBJECTS = ["secrets", "persistentvolumes", "persistentvolumeclaims", "pods"]
"""Secrets have a manager, data has copies of its own, and pods are made anew."""


def of(cluster: Cluster) -> Iterator[Object]:
    """Where copies go, and a schedule for each thing that is copied."""
    policy = cluster.stack.cluster_backup
    if policy is not None:
        if location := _location(cluster, policy):
            yield location
        yield from _schedules(cluster, "objects", policy, {"excludedResources": NOT_OBJECTS, "snapshotVolumes": False})
    if cluster.stack.backup is not None and _volumes(cluster):
        picked = {"matchExpressions": [_named("app.kubernetes.io/name", _volumes(cluster))]}
        yield from _schedules(cluster, "volumes", cluster.stack.backup, _disks(picked))
    for name, store in cluster.stack.stores.items():
        operated = cluster.stack.kubernetes.stores == "operators" and store.kind in OWN_WAY
        said = store.backup or cluster.stack.backup
        if said is not None and not operated and not is_outside(store):
            yield from _schedules(cluster, name, said, _disks({"matchLabels": pods_of_store(cluster, name)}))


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


def _volumes(cluster: Cluster) -> list[str]:
    """The services that have a disk to save."""
    return [
        name
        for name, service in cluster.stack.services.items()
        if any(volume.backup and not volume.temporary for volume in service.volumes.values())
    ]


def _named(key: str, names: list[str]) -> Object:
    return {"key": key, "operator": "In", "values": names}


def _disks(selector: Object) -> Object:
    return {
        "includedResources": ["persistentvolumeclaims", "persistentvolumes", "pods"],
        "labelSelector": selector,
        "snapshotVolumes": True,
    }


def _location(cluster: Cluster, policy: Backup) -> Object | None:
    """The bucket that the stack names."""
    place = bucket(policy)
    if place is None:
        return None
    config = _settings(cluster, policy, place)
    spec = {
        "provider": place.cloud,
        "objectStorage": {"bucket": place.name, **({"prefix": place.prefix} if place.prefix else {})},
        **({"config": config} if config else {}),
    }
    return _there(cluster, "BackupStorageLocation", cluster.namespace, spec)


def _settings(cluster: Cluster, policy: Backup, place: Bucket) -> dict[str, str]:
    """Of the plugin of the bucket's cloud."""
    if place.cloud == "azure":
        address = f"https://{place.account}{BLOBS}"
        return {"storageAccount": place.account, "storageAccountURI": address, "useAAD": "true"}
    if place.cloud == "gcp":
        return {}
    cloud = cluster.stack.cloud
    region = {"region": cloud.region} if cloud and cloud.provider == "aws" else {}
    return {**region, **({"serverSideEncryption": "AES256"} if policy.encrypt else {})}


def _schedules(cluster: Cluster, what: str, policy: Backup, picked: Mapping[str, object]) -> Iterator[Object]:
    """To the usual place, and to the second region."""
    own = cluster.stack.cluster_backup
    usual = cluster.namespace if own is not None and _location(cluster, own) else "default"
    for location in dict.fromkeys([usual, *([policy.region] if policy.region else [])]):
        template = {
            "includedNamespaces": [cluster.namespace],
            **picked,
            "storageLocation": location,
            "ttl": f"{max(1, seconds(policy.keep) // 3600)}h0m0s",
        }
        name = "-".join([cluster.namespace, what, *([location] if location != usual else [])])
        spec = {"schedule": cron(policy), "useOwnerReferencesInBackup": False, "template": template}
        yield _there(cluster, "Schedule", name, spec)


def _there(cluster: Cluster, kind: str, name: str, spec: Object) -> Object:
    """Where Velero looks for its objects."""
    found = cluster.object(API, kind, name, spec, owner=cluster.stack.name)
    found["metadata"]["namespace"] = NAMESPACE
    return found
