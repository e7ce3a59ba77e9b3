"""What a Kubernetes API server refuses though its schemas allow it, and one thing that it does not see either.

Each rule looks at the objects of one environment and says what is wrong. Sources: the validation of Kubernetes' own API
(pkg/apis/*/validation), where a schema has no words for it.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Object = dict[str, Any]
Rule = Callable[[list[Object]], Iterator[str]]

LABEL = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")
KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")
DNS = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$")
PORT_NAME = re.compile(r"^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$")
QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")
ENV_NAME = re.compile(r"^[-._a-zA-Z][-._a-zA-Z0-9]*$")
FACTORS = {
    "": 1.0,
    "m": 0.001,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
WORKLOADS = ("Deployment", "StatefulSet", "Rollout")
HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


def names(objects: list[Object]) -> Iterator[str]:
    """DNS names of at most 253 characters; those of services and containers are labels."""
    for one in objects:
        name = one["metadata"]["name"]
        if not DNS.match(name) or len(name) > 253 or (one["kind"] == "Service" and len(name) > 63):
            yield f"{_who(one)}: its name"


def labels(objects: list[Object]) -> Iterator[str]:
    """Keys and values of labels, wherever they stand."""
    for one in objects:
        for found in [
            one["metadata"].get("labels", {}),
            *(pod["metadata"].get("labels", {}) for pod in _templates(one)),
        ]:
            for key, value in found.items():
                if not KEY.match(key) or not isinstance(value, str) or not LABEL.match(value):
                    yield f"{_who(one)}: label {key}={value}"


def notes(objects: list[Object]) -> Iterator[str]:
    """Annotations are texts."""
    for one in objects:
        for found in [
            one["metadata"].get("annotations", {}),
            *(t["metadata"].get("annotations", {}) for t in _templates(one)),
        ]:
            yield from (f"{_who(one)}: annotation {key}" for key, value in found.items() if not isinstance(value, str))


def selectors(objects: list[Object]) -> Iterator[str]:
    """A workload's selector picks its own pods; that of a Service or a PDB picks the pods of some workload."""
    every = [pod["metadata"]["labels"].items() for one in objects for pod in _templates(one)]
    operated = any(one["kind"] in ("Cluster", "Kafka", "Elasticsearch") for one in objects)
    for one in objects:
        if one["kind"] in WORKLOADS:
            picked = one["spec"]["selector"]["matchLabels"].items()
            if not picked <= _templates(one)[0]["metadata"]["labels"].items():
                yield f"{_who(one)}: its selector picks none of its pods"
        elif one["kind"] in ("Service", "PodDisruptionBudget"):
            given = one["spec"]["selector"]
            picked = (given if one["kind"] == "Service" else given["matchLabels"]).items()
            own = {key: value for key, value in picked if not key.startswith("statefulset.kubernetes.io/")}.items()
            if not any(own <= pods for pods in every):
                yield f"{_who(one)}: its selector picks no pods"
    assert operated or every, "nothing was looked at"


def containers(objects: list[Object]) -> Iterator[str]:
    """An image each, names of their own, mounts of volumes that are there."""
    for one in objects:
        for template in _templates(one):
            pod = template["spec"]
            claims = [claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", [])]
            volumes = [volume["name"] for volume in pod.get("volumes", [])] + claims
            yield from (f"{_who(one)}: two volumes {name}" for name, n in Counter(volumes).items() if n > 1)
            yield from (
                f"{_who(one)}: volume {volume['name']}" for volume in pod.get("volumes", []) if len(volume) != 2
            )
            found = _containers(pod)
            yield from (
                f"{_who(one)}: two containers {n}" for n, c in Counter(c["name"] for c in found).items() if c > 1
            )
            for container in found:
                if not container.get("image") or not re.match(
                    r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", container["name"]
                ):
                    yield f"{_who(one)}: container {container['name']}"
                mounts = container.get("volumeMounts", [])
                yield from (f"{_who(one)}: no volume {m['name']}" for m in mounts if m["name"] not in volumes)
                yield from (
                    f"{_who(one)}: two mounts at {p}"
                    for p, n in Counter(m["mountPath"] for m in mounts).items()
                    if n > 1
                )


def variables(objects: list[Object]) -> Iterator[str]:
    """A name, once, with a value or the place of one; `$(NAME)` is of a variable that comes before."""
    for one in objects:
        for container in (c for template in _templates(one) for c in _containers(template["spec"])):
            known: set[str] = set()
            for variable in container.get("env", []):
                name = variable["name"]
                if not ENV_NAME.match(name) or name in known or ("value" in variable) == ("valueFrom" in variable):
                    yield f"{_who(one)}: variable {name}"
                if not isinstance(variable.get("value", ""), str):
                    yield f"{_who(one)}: the value of {name} is no text"
                for used in re.findall(r"\$\(([^)]+)\)", str(variable.get("value", ""))):
                    if used not in known:
                        yield f"{_who(one)}: {name} uses {used}, which comes later"
                known.add(name)


def amounts(objects: list[Object]) -> Iterator[str]:
    """Quantities that can be read, and requests that are not over their limits."""
    for one in objects:
        for container in (c for template in _templates(one) for c in _containers(template["spec"])):
            resources = container.get("resources", {})
            for kind in ("requests", "limits"):
                for key, value in resources.get(kind, {}).items():
                    if not isinstance(value, str) or not QUANTITY.match(value):
                        yield f"{_who(one)}: {kind} {key}={value}"
            for key, value in resources.get("requests", {}).items():
                if key in resources.get("limits", {}) and _amount(value) > _amount(resources["limits"][key]):
                    yield f"{_who(one)}: asks for more {key} than it may have"


def ports(objects: list[Object]) -> Iterator[str]:
    """Numbers, short names of their own; a Service of several ports names them, and leads to ports that exist."""
    open_ports = {
        (pod["metadata"]["labels"].get("app.kubernetes.io/name"), port["name"])
        for one in objects for pod in _templates(one) for c in _containers(pod["spec"]) for port in c.get("ports", [])
    }  # fmt: skip
    for one in objects:
        listed = [c.get("ports", []) for template in _templates(one) for c in _containers(template["spec"])]
        if one["kind"] == "Service":
            listed.append(one["spec"]["ports"])
            if not one["spec"]["ports"]:
                yield f"{_who(one)}: no ports"
        for found in listed:
            yield from (f"{_who(one)}: two ports {n}" for n, c in Counter(p["name"] for p in found).items() if c > 1)
            for port in found:
                number = port.get("containerPort", port.get("port"))
                if not PORT_NAME.match(port["name"]) or not 1 <= number <= 65535:
                    yield f"{_who(one)}: port {port['name']}"
                owner = (
                    one["spec"].get("selector", {}).get("app.kubernetes.io/name") if one["kind"] == "Service" else None
                )
                if isinstance(port.get("targetPort"), str) and (owner, port["targetPort"]) not in open_ports:
                    yield f"{_who(one)}: leads to {port['targetPort']}, which is no port"


def probes(objects: list[Object]) -> Iterator[str]:
    """One way of asking each, of a port that the container has: not even the API server sees that it has not."""
    for one in objects:
        for container in (c for template in _templates(one) for c in _containers(template["spec"])):
            there = {p["name"] for p in container.get("ports", [])} | {
                p["containerPort"] for p in container.get("ports", [])
            }
            for key in ("startupProbe", "readinessProbe", "livenessProbe"):
                probe = container.get(key)
                if probe is None:
                    continue
                handlers = [handler for handler in HANDLERS if handler in probe]
                if len(handlers) != 1:
                    yield f"{_who(one)}: {key} has {handlers}"
                port = probe[handlers[0]].get("port")
                if port is not None and port not in there:
                    yield f"{_who(one)}: {key} asks port {port}, which is not there"
                if key != "readinessProbe" and probe.get("successThreshold", 1) != 1:
                    yield f"{_who(one)}: {key} wants more than one success"
                if min(probe.get(field, 1) for field in ("periodSeconds", "timeoutSeconds", "failureThreshold")) < 1:
                    yield f"{_who(one)}: {key} has a time of nothing"


def rollouts(objects: list[Object]) -> Iterator[str]:
    """Something may change during an update, and `Recreate` has no steps."""
    for one in objects:
        if one["kind"] != "Deployment":
            continue
        strategy = one["spec"].get("strategy", {})
        rolling = strategy.get("rollingUpdate")
        if strategy.get("type") == "Recreate" and rolling:
            yield f"{_who(one)}: recreates in steps"
        if rolling and not rolling["maxSurge"] and not rolling["maxUnavailable"]:
            yield f"{_who(one)}: can't move"
        if one["spec"].get("progressDeadlineSeconds", 600) <= one["spec"].get("minReadySeconds", 0):
            yield f"{_who(one)}: has no time to become ready"


def autoscalers(objects: list[Object]) -> Iterator[str]:
    """Bounds, metrics, and a workload that is there and has no number of its own."""
    there = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    for one in objects:
        if one["kind"] == "HorizontalPodAutoscaler":
            spec = one["spec"]
            target = there.get((spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]))
            if not 1 <= spec["minReplicas"] <= spec["maxReplicas"] or not spec["metrics"]:
                yield f"{_who(one)}: its bounds or metrics"
            if target is None or "replicas" in target["spec"]:
                yield f"{_who(one)}: its target"
            for rules in spec["behavior"].values():
                if any(not 1 <= policy["periodSeconds"] <= 1800 or policy["value"] < 1 for policy in rules["policies"]):
                    yield f"{_who(one)}: its behaviour"
                if not 0 <= rules["stabilizationWindowSeconds"] <= 3600:
                    yield f"{_who(one)}: looks back for too long"
        if one["kind"] == "PodDisruptionBudget" and len({"minAvailable", "maxUnavailable"} & one["spec"].keys()) != 1:
            yield f"{_who(one)}: should have one of two bounds"


def networks(objects: list[Object]) -> Iterator[str]:
    """Blocks of addresses that exist, and exceptions that are inside of them."""
    for one in objects:
        if one["kind"] != "NetworkPolicy":
            continue
        sides = [
            (rule, key) for key, side in (("from", "ingress"), ("to", "egress")) for rule in one["spec"].get(side, [])
        ]
        for rule, key in sides:
            for block in (peer["ipBlock"] for peer in rule.get(key, []) if "ipBlock" in peer):
                whole: Any = ipaddress.ip_network(block["cidr"])
                if not all(ipaddress.ip_network(part).subnet_of(whole) for part in block.get("except", [])):
                    yield f"{_who(one)}: an exception outside of {block['cidr']}"


def references(objects: list[Object]) -> Iterator[str]:
    """Accounts, config maps and headless services that pods name are rendered too."""
    there = {(one["kind"], one["metadata"]["name"]) for one in objects}
    for one in objects:
        for template in _templates(one):
            pod = template["spec"]
            wanted = [("ServiceAccount", pod["serviceAccountName"])]
            wanted += [
                ("ConfigMap", volume["configMap"]["name"]) for volume in pod.get("volumes", []) if "configMap" in volume
            ]
            wanted += [("PriorityClass", pod["priorityClassName"])] if "priorityClassName" in pod else []
            if one["kind"] == "StatefulSet":
                wanted.append(("Service", one["spec"]["serviceName"]))
            yield from (f"{_who(one)}: no {kind} {name}" for kind, name in wanted if (kind, name) not in there)
        if one["kind"] == "Ingress":
            for rule in one["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    if ("Service", path["backend"]["service"]["name"]) not in there:
                        yield f"{_who(one)}: leads to no Service"


def config_maps(objects: list[Object]) -> Iterator[str]:
    """Keys that can be file names, and texts."""
    for one in objects:
        if one["kind"] == "ConfigMap":
            for key, value in one["data"].items():
                if not re.match(r"^[-._a-zA-Z0-9]{1,253}$", key) or not isinstance(value, str):
                    yield f"{_who(one)}: key {key}"


RULES: tuple[Rule, ...] = (
    names, labels, notes, selectors, containers, variables, amounts, ports, probes, rollouts, autoscalers,
    networks, references, config_maps,
)  # fmt: skip


def _who(one: Object) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def _templates(one: Object) -> list[Object]:
    if one["kind"] == "CronJob":
        return [one["spec"]["jobTemplate"]["spec"]["template"]]
    return [one["spec"]["template"]] if one["kind"] in WORKLOADS else []


def _containers(pod: Object) -> list[Object]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def _amount(value: str) -> float:
    match = QUANTITY.match(value)
    return float(match[1]) * FACTORS[match[2] or ""] if match else 0.0
