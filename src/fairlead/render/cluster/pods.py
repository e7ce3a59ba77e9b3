"""The pod of a service: what every workload, whatever its kind, runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from fairlead.render.cluster.addresses import host_and_port, of_secret, variables
from fairlead.render.cluster.cluster import Cluster, Object, drains_s, label
from fairlead.render.cluster.config import registry_secret
from fairlead.render.cluster.placing import placing
from fairlead.render.cluster.probes import probes
from fairlead.render.cluster.quantities import resources, size
from fairlead.render.cluster.security import pod_security
from fairlead.render.parts import surroundings
from fairlead.render.parts.images import image_of
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service

WAITER = "docker.io/library/busybox:1.37.0"
"""Knocks at what has to be there first."""

FAREWELL_S = 5
"""Between the removal from the endpoints and the signal to end: requests that are on their way still arrive."""

SCRATCH = "64Mi"
"""Of each path that stays writable; it counts as memory."""

WAITER_RESOURCES = {
    "requests": {"cpu": "10m", "memory": "16Mi", "ephemeral-storage": "16Mi"},
    "limits": {"cpu": "50m", "memory": "32Mi", "ephemeral-storage": "16Mi"},
}


def template(cluster: Cluster, name: str, *, restart: str = "Always") -> Object:
    """A pod template."""
    service = cluster.stack.services[name]
    metadata: Object = {"labels": cluster.labels(name, **{"app.kubernetes.io/version": _version(cluster, name)})}
    if annotations := _annotations(service):
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": pod(cluster, name, restart=restart)}


def pod(cluster: Cluster, name: str, *, restart: str = "Always") -> Object:
    """Its spec."""
    service = cluster.stack.services[name]
    found: Object = {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(service.hardening.user),
        **({"restartPolicy": restart} if restart != "Always" else {}),
        "terminationGracePeriodSeconds": FAREWELL_S + drains_s(service.release) + max(1, round(service.stop.grace)),
        **placing(cluster, name, service),
    }
    if first := list(_first(cluster, name, service)):
        found["initContainers"] = first
    found["containers"] = [container(cluster, name, service)]
    if volumes := list(_volumes(name, service)):
        found["volumes"] = volumes
    if registries := cluster.stack.docker.registries:
        found["imagePullSecrets"] = [{"name": registry_secret(host)} for host in registries]
    return found


def container(cluster: Cluster, name: str, service: Service) -> Object:
    """The service's own container."""
    found = _program(cluster, name, service, name)
    if words := surroundings.command(service):
        found["args" if service.uses else "command"] = words[1:] if service.uses else words
    if ports := _ports(service):
        found["ports"] = ports
    return {**found, **probes(service), "lifecycle": {"preStop": {"sleep": {"seconds": FAREWELL_S}}}}


def _program(cluster: Cluster, name: str, service: Service, called: str) -> Object:
    return {
        "name": called,
        "image": image_of(cluster.scene, name),
        "imagePullPolicy": {"missing": "IfNotPresent", "always": "Always", "never": "Never"}[cluster.stack.docker.pull],
        "env": list(_environment(cluster, name, service)),
        "resources": resources(service.resources),
        "securityContext": _security(service),
        **({"volumeMounts": mounts} if (mounts := list(_mounts(service))) else {}),
    }


def _environment(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    secrets = {variable: of_secret(variable, secret, "value") for variable, secret in service.secrets.items()}
    told = {key: {"name": key, "value": value} for key, value in surroundings.plain(cluster.scene, name).items()}
    found = {one["name"]: one for one in variables(cluster, service)}
    yield from {**found, **told, **secrets}.values()


def _ports(service: Service) -> list[Object]:
    return [{"name": name[:15].rstrip("-"), "containerPort": number} for name, number in inner_ports(service).items()]


def _first(cluster: Cluster, name: str, service: Service) -> Iterator[Object]:
    """What has to be done before the program starts: wait, and bring stored data to its version."""
    for need in cluster.needed(service):
        if need.condition == "ready" and (there := host_and_port(cluster, need)) is not None:
            host, port = there
            yield {
                "name": f"wait-for-{need.name}"[:63],
                "image": WAITER,
                "imagePullPolicy": "IfNotPresent",
                "command": ["sh", "-c", f"until nc -z -w 2 {host} {port}; do sleep 1; done"],
                "resources": WAITER_RESOURCES,
                "securityContext": _security(service),
            }
    if service.release.migrate is not None:
        yield {**_program(cluster, name, service, "migrate"), "command": list(service.release.migrate.up)}


def _security(service: Service) -> Object:
    kept = [name.removeprefix("CAP_") for name in service.hardening.capabilities]
    return {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": service.hardening.read_only_root,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"], **({"add": kept} if kept else {})},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _volumes(name: str, service: Service) -> Iterator[Object]:
    for number, _ in enumerate(service.hardening.writable):
        yield {"name": f"scratch-{number}", "emptyDir": {"medium": "Memory", "sizeLimit": SCRATCH}}
    for volume, said in service.volumes.items():
        if said.temporary:
            limit = {"sizeLimit": size(said.size)} if said.size else {}
            yield {"name": f"volume-{volume}", "emptyDir": limit}
    if service.settings:
        yield {"name": "settings", "configMap": {"name": f"{name}-settings"}}


def _mounts(service: Service) -> Iterator[Object]:
    for number, path in enumerate(service.hardening.writable):
        yield {"name": f"scratch-{number}", "mountPath": path}
    for volume, path in surroundings.volume_paths(service).items():
        yield {"name": f"volume-{volume}", "mountPath": path}
    if service.settings:
        path, _, file = surroundings.SETTINGS.rpartition("/")
        yield {"name": "settings", "mountPath": surroundings.SETTINGS, "subPath": file, "readOnly": True}


def _annotations(service: Service) -> dict[str, str]:
    """A change of the settings is a new version: their digest is part of the pod."""
    found = {}
    if service.settings:
        digest = hashlib.sha256(surroundings.settings(service).encode()).hexdigest()
        found["fairlead.dev/settings"] = digest[:16]
    return found


def _version(cluster: Cluster, name: str) -> str:
    image = image_of(cluster.scene, name)
    tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] and "@" not in image else cluster.scene.version
    return label(tag) or "unversioned"
