"""The stack as a cluster sees it: names, labels and choices that every object shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairlead.render.target import Scene
from fairlead.stack.model import Stack
from fairlead.stack.model.release import ReleasePolicy
from fairlead.stack.model.service import Need, Service

Object = dict[str, Any]
"""An object of the cluster's API, as its YAML says it."""

LABEL_VALUE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_LABEL = 63
DESCRIPTION = "kubernetes.io/description"
WORKLOADS = {"Deployment", "StatefulSet", "Rollout", "CronJob"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One environment of the stack in its namespace."""

    scene: Scene

    @property
    def stack(self) -> Stack:
        """As the environment sees it."""
        return self.scene.stack

    @property
    def namespace(self) -> str:
        """Where everything but cluster-wide objects is."""
        parts = [self.stack.name, *([self.scene.environment] if self.scene.environment else [])]
        return self.stack.kubernetes.namespace or "-".join(parts)

    def services(self) -> Iterator[tuple[str, Service]]:
        """Those that run all the time."""
        return ((name, service) for name, service in self.stack.services.items() if service.schedule is None)

    def labels(self, name: str, **more: str) -> dict[str, str]:
        """The labels of something called `name`, as Kubernetes recommends them."""
        service = self.stack.services.get(name)
        own = {**self.stack.labels, **(service.labels if service else {})}
        return {**self.selector(name), **_common(self.stack.name), **_values(own), **more}

    def selector(self, name: str) -> dict[str, str]:
        """What picks out its pods; never changes, since a selector can't."""
        return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": self.stack.name}

    def object(self, api: str, kind: str, name: str, spec: Any = None, **more: Any) -> Object:
        """An object of the namespace. `owner` is whose labels it has; `annotations` are put into its metadata."""
        owner, annotations = more.pop("owner", name), dict(more.pop("annotations", None) or {})
        metadata = {"name": name, "namespace": self.namespace, "labels": self.labels(owner)}
        if kind in WORKLOADS and name in self.stack.services and self.stack.services[name].description:
            annotations = {DESCRIPTION: self.stack.services[name].description, **annotations}
        if annotations:
            metadata["annotations"] = annotations
        body = {"spec": spec} if spec is not None else {}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **more, **body}

    def wide(self, api: str, kind: str, name: str, **more: Any) -> Object:
        """An object of the whole cluster."""
        labels = {"app.kubernetes.io/part-of": label(self.stack.name), "app.kubernetes.io/managed-by": "fairlead"}
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": labels}, **more}

    def asked_by(self, name: str) -> list[str]:
        """The services that need a service or a store."""
        return [other for other, service in self.stack.services.items() if any(n.name == name for n in service.needs)]

    def needed(self, service: Service) -> Iterator[Need]:
        """What has to be there first, each once."""
        yield from {need.name: need for need in service.needs}.values()


def is_stateful(service: Service) -> bool:
    """Whether its instances have disks of their own."""
    return any(not volume.temporary for volume in service.volumes.values())


def is_progressive(cluster: Cluster, service: Service) -> bool:
    """Whether a new version gets in by Argo Rollouts; who has disks of its own, or no ports, can't."""
    return (
        cluster.stack.kubernetes.rollouts == "argo"
        and service.release.strategy in ("canary", "blue-green", "shadow")
        and not is_stateful(service)
        and bool(service.ports)
        and service.schedule is None
    )


def is_scaled(service: Service) -> bool:
    """Whether an autoscaler owns the number of instances."""
    return service.scale.max is not None and service.scale.max > service.scale.min


def outside_mesh(cluster: Cluster) -> dict[str, str]:
    """The label of pods that get no sidecar: servers of stores, whose operators come from outside without one."""
    return {"sidecar.istio.io/inject": "false"} if cluster.stack.mesh.kind == "istio" else {}


def drains_s(release: ReleasePolicy) -> int:
    """How long streams may go on when an instance is to stop."""
    return max(1, round(release.drain))


def label(value: str) -> str:
    """A text as a label's value: at most 63 characters of a few kinds (a `+` of a version is none of them)."""
    return LABEL_VALUE.sub("_", value)[:LONGEST_LABEL].strip("._-")


def _common(stack: str) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": label(stack), "app.kubernetes.io/managed-by": "fairlead"}


def _values(labels: dict[str, str]) -> dict[str, str]:
    return {name: label(value) for name, value in labels.items()}
