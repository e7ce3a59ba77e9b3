"""What runs the pods of a service: a Deployment, a StatefulSet, an Argo Rollout or a CronJob."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import pods, rollouts
from fairlead.render.cluster.cluster import Cluster, Object, is_progressive, is_scaled, is_stateful
from fairlead.render.cluster.quantities import seconds, size
from fairlead.stack.model.service import Service

HISTORY = 10


def of(cluster: Cluster) -> Iterator[Object]:
    """One for each service, and what it takes with it."""
    for name, service in cluster.stack.services.items():
        if service.schedule is not None:
            yield _cron_job(cluster, name, service)
        elif is_stateful(service):
            yield _stateful_set(cluster, name, service)
        elif is_progressive(cluster, service):
            yield from rollouts.of_service(cluster, name, service)
        else:
            yield _deployment(cluster, name, service)


def _common(cluster: Cluster, name: str, service: Service) -> Object:
    """The number of instances is left to the autoscaler where there is one, or both would set it in turn."""
    replicas = {} if is_scaled(service) else {"replicas": service.scale.min}
    return {
        **replicas,
        "revisionHistoryLimit": service.release.keep_versions,
        "selector": {"matchLabels": cluster.selector(name)},
        "template": pods.template(cluster, name),
    }


def _deployment(cluster: Cluster, name: str, service: Service) -> Object:
    strategy: Object = {"type": "Recreate"}
    if service.release.strategy != "recreate":
        surge = {"maxSurge": service.release.surge, "maxUnavailable": 0}
        strategy = {"type": "RollingUpdate", "rollingUpdate": surge}
    spec = {
        **_common(cluster, name, service),
        "strategy": strategy,
        "minReadySeconds": min(seconds(service.release.watch), seconds(service.release.ready_within) - 1),
        "progressDeadlineSeconds": seconds(service.release.ready_within) + 1,
    }
    return cluster.object("apps/v1", "Deployment", name, spec)


def _stateful_set(cluster: Cluster, name: str, service: Service) -> Object:
    classes = cluster.stack.kubernetes
    claims = []
    for volume, said in service.volumes.items():
        if said.temporary:
            continue
        storage = {"ssd": classes.ssd, "hdd": classes.hdd}[said.storage]
        claims.append(
            {
                "metadata": {"name": f"volume-{volume}", "labels": cluster.labels(name)},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    **({"storageClassName": storage} if storage else {}),
                    "resources": {"requests": {"storage": size(said.size or 1024**3)}},
                },
            }
        )
    spec = {
        **_common(cluster, name, service),
        "serviceName": f"{name}-headless",
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "RollingUpdate"},
        "minReadySeconds": seconds(service.release.watch),
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "volumeClaimTemplates": claims,
    }
    return cluster.object("apps/v1", "StatefulSet", name, spec)


def _cron_job(cluster: Cluster, name: str, service: Service) -> Object:
    spec = {
        "schedule": service.schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "spec": {
                "backoffLimit": service.restart.crash_loop,
                "template": pods.template(cluster, name, restart="Never"),
            }
        },
    }
    return cluster.object("batch/v1", "CronJob", name, spec)
