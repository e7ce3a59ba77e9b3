"""A Helm chart: with its default values the objects of the kubernetes target, with `values-ENV.yaml` those of ENV.

The namespace is Helm's own (`--create-namespace`), so the chart has no object for it; NOTES.txt says which labels hold
it to Pod Security. Operators are put into a cluster once and are no dependencies of the chart. A store that the chart
brings along has a switch: with `stores.NAME.enabled: false` services read a URL of yours from a Secret.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.entrance import hosts
from fairlead.render.cluster.leaving import LEFT_OUT, unsupported
from fairlead.render.cluster.objects import objects
from fairlead.render.cluster.standing import standing
from fairlead.render.leaves import left_out
from fairlead.render.parts import dumping
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported
from fairlead.render.targets.helm import texts
from fairlead.render.targets.helm.marks import NAMESPACE, VERSION, Marks
from fairlead.render.targets.helm.merging import PLAIN, condition, merged
from fairlead.render.targets.helm.switches import enabled, switched
from fairlead.render.targets.helm.values import OWNER, Values, run_here

NOT_SEMANTIC = "1.0.0"
SEMANTIC = re.compile(r"^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$")
NAMESPACE_WHY = "Helm names it: `--namespace`"

Made = dict[tuple[str, str, str], Object]


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """The chart; with an environment, that one is the plain stack of the chart."""
    yield from left_out(scene.stack, {**LEFT_OUT, "kubernetes.namespace": NAMESPACE_WHY})
    yield from unsupported(scene.stack)
    scenes = {PLAIN: scene, **({} if scene.environment else scene.environments_as_scenes())}
    marks = Marks()
    variants = {name: Variant(_ready(one), marks) for name, one in scenes.items()}
    version = scene.version if SEMANTIC.match(scene.version) else NOT_SEMANTIC
    cluster = Cluster(standing(scene))
    yield File("Chart.yaml", dumping.yaml_text(texts.chart(cluster, scene.stack.name, version)))
    yield from _templates(variants, marks)
    yield File("templates/_helpers.tpl", texts.HELPERS)
    yield File("templates/NOTES.txt", texts.notes(variants[PLAIN].cluster, hosts(cluster)).replace(NAMESPACE, SPACE))
    yield from _values(variants)
    yield File(".helmignore", "*.md\n.git/\n.fairlead-rendered\n")


SPACE = "{{ .Release.Namespace }}"


class Variant:
    """The stack of one environment, with marks."""

    def __init__(self, scene: Scene, marks: Marks) -> None:
        self.cluster = Cluster(scene)
        self.values = Values(self.cluster, marks)
        self.parts: dict[tuple[str, str, str], str] = {}
        self.objects: Made = {}
        for part, given in objects(scene):
            if given["kind"] == "Namespace":
                continue
            key = (given["apiVersion"].rpartition("/")[0], given["kind"], given["metadata"]["name"])
            self.parts[key] = part
            self.objects[key] = switched(self.cluster, self.values.object(given), marks)

    def all_values(self) -> dict[str, Any]:
        """With the switches."""
        found = self.values.found
        ingress = {"http": {"enabled": True}, "grpc": {"enabled": True}, **found.get("ingress", {})}
        stores = {
            name: {"enabled": True, "externalSecret": "", **found.get("stores", {}).get(name, {})}
            for name in run_here(self.cluster)
        }
        exposed = any(service.expose for service in self.cluster.stack.services.values())
        return {**found, **({"ingress": ingress} if exposed else {}), **({"stores": stores} if stores else {})}


def _ready(scene: Scene) -> Scene:
    """In a namespace, and of a version, that Helm fills in."""
    stack = standing(scene).stack
    moved = stack.model_copy(update={"kubernetes": stack.kubernetes.model_copy(update={"namespace": NAMESPACE})})
    return replace(scene, stack=moved, version=VERSION)


def _templates(variants: dict[str, Variant], marks: Marks) -> Iterator[File]:
    parts: dict[str, list[str]] = {}
    keys = {key: part for variant in variants.values() for key, part in variant.parts.items()}
    for key, part in keys.items():
        having = {name: variant.objects[key] for name, variant in variants.items() if key in variant.objects}
        text = marks.text(merged(having, marks))
        conditions = list(_conditions(variants, key, having))
        if conditions:
            whole = conditions[0] if len(conditions) == 1 else f"and {' '.join(f'({one})' for one in conditions)}"
            text = f"{{{{- if {whole} }}}}\n---\n{text.rstrip(chr(10))}\n{{{{- end }}}}\n"
        else:
            text = f"---\n{text}"
        parts.setdefault(part, []).append(text)
    for part, found in parts.items():
        yield File(f"templates/{part}.yaml", dumping.HEADER.format(source=dumping.SOURCE) + "".join(found))


def _conditions(variants: dict[str, Variant], key: tuple[str, str, str], having: dict[str, Object]) -> Iterator[str]:
    if len(having) < len(variants):
        yield condition(list(having))
    one = next(iter(having.values()))
    owner = str(one["metadata"].get("labels", {}).get(OWNER, "")).removesuffix(EXPORTER)
    if all(owner in run_here(variants[name].cluster) for name in having):
        yield enabled(owner)
    if one["kind"] in ("Ingress", "HTTPRoute", "GRPCRoute"):
        told = one["metadata"].get("annotations", {})
        grpc = one["kind"] == "GRPCRoute" or told.get("nginx.ingress.kubernetes.io/backend-protocol") == "GRPC"
        yield f".Values.ingress.{'grpc' if grpc else 'http'}.enabled"


def _values(variants: dict[str, Variant]) -> Iterator[File]:
    own = {name: variant.all_values() for name, variant in variants.items()}
    plain: dict[str, Any] = {"environment": PLAIN}
    for values in own.values():
        _fill(plain, values)
    names = [name for name in variants if name]
    yield File("values.yaml", texts.values_text(plain, dumping.yaml_text(plain, header=False)))
    yield File("values.schema.json", texts.schema(plain, names))
    for name in names:
        changed = {"environment": name, **_changed(plain, own[name])}
        text = texts.values_text(changed, dumping.yaml_text(changed, header=False), environment=name)
        yield File(f"values-{name}.yaml", text)


def _fill(into: dict[str, Any], more: dict[str, Any]) -> None:
    """What only another environment has, so that every name of the templates has a value."""
    for key, value in more.items():
        if key not in into:
            into[key] = copy.deepcopy(value)
        elif isinstance(value, dict) and key not in WHOLE:
            _fill(into[key], value)


def _changed(plain: dict[str, Any], own: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """What an environment sets otherwise. Helm merges mappings: what a whole one no longer has is set to null."""
    found: dict[str, Any] = {key: None for key in plain if key not in own} if whole else {}
    for key, value in own.items():
        old = plain.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := _changed(old, value, whole=whole or key in WHOLE):
                found[key] = inner
        elif old != value:
            found[key] = value
    return found


EXPORTER = "-exporter"
"""Behind the name of a store in that of its exporter, which comes and goes with it."""

WHOLE = {"resources"}
"""Mappings that are one value."""


TARGETS.register("helm")(
    Target("A chart whose defaults are the kubernetes target, with values for each environment", render, ("helm",))
)
