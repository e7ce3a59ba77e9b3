"""What of an object is a value of the chart: the leaves that people change, under the names people look for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fairlead.render.cluster.addresses import is_outside
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.targets.helm.marks import VERSION, Marks

VERSION_LABEL = "app.kubernetes.io/version"
OWNER = "app.kubernetes.io/name"


@dataclass(slots=True)
class Values:
    """The values of one environment, and the objects with marks in their places."""

    cluster: Cluster
    marks: Marks
    found: dict[str, Any] = field(default_factory=dict)

    def object(self, given: Object) -> Object:
        """A copy with marks."""
        made = copy.deepcopy(given)
        owner = str(made["metadata"].get("labels", {}).get(OWNER, ""))
        if owner in self.cluster.stack.services:
            self._service(made, owner)
        elif owner in self.cluster.stack.stores:
            self._store(made, owner)
        self._shared(made)
        return made

    def _service(self, made: Object, name: str) -> None:
        kind, here = made["kind"], ("services", name)
        if kind == "HorizontalPodAutoscaler":
            self._number(made["spec"], "minReplicas", (*here, "autoscaling", "minReplicas"))
            self._number(made["spec"], "maxReplicas", (*here, "autoscaling", "maxReplicas"))
        if kind == "ScaledObject":
            self._number(made["spec"], "minReplicaCount", (*here, "autoscaling", "minReplicas"))
            self._number(made["spec"], "maxReplicaCount", (*here, "autoscaling", "maxReplicas"))
        if kind == "ConfigMap" and "settings.json" in made["data"]:
            text = self._kept((*here, "settings"), made["data"]["settings.json"])
            made["data"]["settings.json"] = self.marks.expression(f"{text} | toJson")
        if kind in ("Deployment", "StatefulSet", "Rollout"):
            self._number(made["spec"], "replicas", (*here, "replicas"))
        if (template := template_of(made)) is not None:
            self._pod(template, name)
        if kind == "Ingress":
            self._ingress(made, name)

    def _pod(self, template: Object, name: str) -> None:
        here = ("services", name)
        annotations = template["metadata"].get("annotations", {})
        if "fairlead.dev/settings" in annotations:
            digest = f"{_path((*here, 'settings'))} | sha256sum | trunc 16 | quote"
            annotations["fairlead.dev/settings"] = self.marks.expression(digest)
        labels = template["metadata"]["labels"]
        if VERSION_LABEL in labels:
            labels[VERSION_LABEL] = self.marks.expression(
                f'include "fairlead.version" (list . {_path((*here, "image"))})'
            )
        for container in [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]:
            if container["name"] in (name, "migrate"):
                self._container(container, name)

    def _container(self, container: Object, name: str) -> None:
        here = ("services", name)
        self._kept((*here, "image"), _image(container["image"], container["imagePullPolicy"]))
        image = _path((*here, "image"))
        container["image"] = self.marks.expression(f'include "fairlead.image" (list . {image})')
        container["imagePullPolicy"] = self.marks.expression(f"{image}.pullPolicy")
        self._mapping(container, "resources", (*here, "resources"))
        own = self.cluster.stack.services[name].environment
        for variable in container["env"]:
            if variable["name"] in own and "value" in variable:
                self._text(variable, "value", (*here, "variables", variable["name"]))

    def _ingress(self, made: Object, name: str) -> None:
        here = ("services", name, "hosts", made["metadata"]["name"])
        rule = made["spec"]["rules"][0]
        host = rule.get("host")
        if host is None:
            return
        self._text(rule, "host", here)
        for tls in made["spec"].get("tls", []):
            if tls.get("hosts") == [host]:
                tls["hosts"] = [rule["host"]]

    def _store(self, made: Object, name: str) -> None:
        kind, here, spec = made["kind"], ("stores", name), made.get("spec", {})
        match kind:
            case "Cluster":
                self._number(spec, "instances", (*here, "replicas"))
                self._text(spec["storage"], "size", (*here, "size"))
                self._mapping(spec, "resources", (*here, "resources"))
            case "KafkaNodePool":
                self._number(spec, "replicas", (*here, "replicas" if "controller" in spec["roles"] else "moreBrokers"))
                self._text(spec["storage"]["volumes"][0], "size", (*here, "size"))
            case "Elasticsearch":
                self._number(spec["nodeSets"][0], "count", (*here, "replicas"))
                self._disk(spec["nodeSets"][0], here)
            case "StatefulSet":
                self._number(spec, "replicas", (*here, "replicas"))
                self._mapping(spec["template"]["spec"]["containers"][0], "resources", (*here, "resources"))
                self._disk(spec, here)
            case _:
                pass

    def _disk(self, spec: Object, here: tuple[str, ...]) -> None:
        for claim in spec.get("volumeClaimTemplates", []):
            self._text(claim["spec"]["resources"]["requests"], "storage", (*here, "size"))

    def _shared(self, made: Object) -> None:
        spec = made.get("spec", {})
        if made["kind"] == "ExternalSecret" and "secretStoreRef" in spec:
            self._text(spec["secretStoreRef"], "name", ("secretStore",))
        if made["kind"] == "Ingress":
            self._text(spec, "ingressClassName", ("ingress", "className"))
            self._text(made["metadata"].get("annotations", {}), "cert-manager.io/cluster-issuer", ("ingress", "issuer"))
        if made["kind"] == "AnalysisTemplate":
            for metric in spec["metrics"]:
                self._text(metric["provider"]["prometheus"], "address", ("prometheus",))

    def _number(self, inside: Object, key: str, path: tuple[str, ...]) -> None:
        self._placed(inside, key, path, "int %")

    def _text(self, inside: Object, key: str, path: tuple[str, ...]) -> None:
        self._placed(inside, key, path, "% | quote")

    def _mapping(self, inside: Object, key: str, path: tuple[str, ...]) -> None:
        self._placed(inside, key, path, "toYaml % | nindent #")

    def _placed(self, inside: Object, key: str, path: tuple[str, ...], form: str) -> None:
        """A mark in the place of a value; where a name has another value already, it stays as it is."""
        if key not in inside or self._at(path) not in (None, inside[key]):
            return
        expression = form.replace("%", self._kept(path, inside[key])).replace("#", "%")
        inside[key] = self.marks.expression(expression)

    def _at(self, path: tuple[str, ...]) -> Any:
        found: Any = self.found
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def _kept(self, path: tuple[str, ...], value: Any) -> str:
        inside = self.found
        for part in path[:-1]:
            inside = inside.setdefault(part, {})
        inside[path[-1]] = value
        return _path(path)


def template_of(made: Object) -> Object | None:
    """The pod template of a workload."""
    spec = made.get("spec", {})
    if made["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template") if made["kind"] in ("Deployment", "StatefulSet", "Rollout", "CronJob") else None


def run_here(cluster: Cluster) -> Iterator[str]:
    """The stores that the chart brings along, so that a switch can leave them out."""
    return (name for name, store in cluster.stack.stores.items() if not is_outside(store))


def _path(path: tuple[str, ...]) -> str:
    """As an expression; a name with a dash or a dot has to be looked up."""
    found = ".Values"
    for part in path:
        found = f"{found}.{part}" if part.isidentifier() else f'(index {found} "{part}")'
    return found


def _image(image: str, pull: str) -> dict[str, str]:
    name, _, digest = image.partition("@")
    tag = ""
    if ":" in name.rpartition("/")[2]:
        name, _, tag = name.rpartition(":")
    return {"repository": name, "tag": "" if tag == VERSION else tag, "digest": digest, "pullPolicy": pull}
