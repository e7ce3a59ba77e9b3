"""Stores that a chart brings along or leaves out: without one, services are told the URL in a Secret of yours."""

from __future__ import annotations

from typing import Any

from fairlead.render.cluster.addresses import PORTS, of_secret, pods_of_store
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.policies import ANYWHERE
from fairlead.render.targets.helm.marks import Alternative, Marks
from fairlead.render.targets.helm.values import OWNER, run_here, template_of
from fairlead.stack.variables import of_need


def switched(cluster: Cluster, made: Object, marks: Marks) -> Object:
    """An object of a service, whatever of it depends on a store under that store's switch; changes it."""
    service = cluster.stack.services.get(str(made["metadata"].get("labels", {}).get(OWNER, "")))
    if service is None:
        return made
    stores = set(run_here(cluster))
    for need in service.needs:
        if need.name not in stores:
            continue
        if (template := template_of(made)) is not None:
            _pod(template["spec"], need.name, of_need(need, cluster.stack), marks)
        if made["kind"] == "NetworkPolicy":
            _policy(cluster, made["spec"], need.name, marks)
    return made


def enabled(store: str) -> str:
    """The condition that a store is brought along."""
    return f'(index .Values.stores "{store}").enabled'


def _pod(pod: Object, store: str, variable: str, marks: Marks) -> None:
    waiting = f"wait-for-{store}"[:63]
    if "initContainers" in pod:
        pod["initContainers"] = _one(
            pod["initContainers"], lambda one: one["name"] == waiting, enabled(store), [], marks
        )
    outside = of_secret(variable, "", "url")
    secret = marks.expression(f'(index .Values.stores "{store}").externalSecret | quote')
    outside["valueFrom"]["secretKeyRef"]["name"] = secret
    names = {variable, f"{variable}_PASSWORD"}
    for container in [*_containers(pod.get("initContainers", [])), *pod["containers"]]:
        if "env" in container:
            container["env"] = _one(
                container["env"], lambda one: one["name"] in names, enabled(store), [outside], marks
            )


def _containers(found: list[Any]) -> list[Object]:
    return [one for one in found if isinstance(one, dict)]


def _policy(cluster: Cluster, spec: Object, store: str, marks: Marks) -> None:
    picked = [{"podSelector": {"matchLabels": pods_of_store(cluster, store)}}]
    ports = [{"protocol": "TCP", "port": PORTS[cluster.stack.stores[store].kind]}]
    outside = {"to": [{"ipBlock": {"cidr": ANYWHERE}}], "ports": ports}
    spec["egress"] = _one(spec["egress"], lambda one: one.get("to") == picked, enabled(store), [outside], marks)


def _one(items: list[Any], belongs: Any, condition: str, otherwise: list[Any], marks: Marks) -> list[Any]:
    """The items with those that belong to a store replaced by a block."""
    own = [item for item in items if isinstance(item, dict) and belongs(item)]
    if not own:
        return items
    alternatives = [Alternative(condition, own), *([Alternative(None, otherwise)] if otherwise else [])]
    mark = marks.block("B", alternatives)
    found: list[Any] = []
    for item in items:
        if not any(item is one for one in own):
            found.append(item)
        elif mark not in found:
            found.append(mark)
    return found
