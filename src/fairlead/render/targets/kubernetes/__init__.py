"""Kubernetes manifests for Kustomize: the plain stack as the base, each environment as what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fairlead.render.cluster.by_hand import commands
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.leaving import LEFT_OUT, unsupported
from fairlead.render.cluster.objects import identity, objects
from fairlead.render.cluster.standing import standing
from fairlead.render.leaves import left_out
from fairlead.render.parts.dumping import yaml_text
from fairlead.render.parts.patching import patch
from fairlead.render.target import TARGETS, File, Scene, Target, Unsupported

KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}

Known = dict[tuple[str, str, str], Object]
"""Objects by API group, kind and name."""


def render(scene: Scene) -> Iterable[File | Unsupported]:
    """`base/`, and `overlays/NAME/` for each environment; with an environment, only that one as a whole."""
    yield from left_out(scene.stack, LEFT_OUT)
    yield from unsupported(scene.stack)
    scene = standing(scene)
    yield from _whole(scene.environment or "base", scene)
    if scene.environment is None:
        for name, stack in scene.environments.items():
            yield from unsupported(stack)
            yield from _overlay(f"overlays/{name}", scene, standing(replace(scene, stack=stack, environment=name)))


def _whole(folder: str, scene: Scene) -> Iterator[File]:
    """All objects, a file for each part."""
    parts: dict[str, list[Object]] = {}
    for part, found in objects(scene):
        parts.setdefault(part, []).append(found)
    yield from _folder(folder, parts, [], Cluster(scene), base=False)


def _overlay(folder: str, base: Scene, scene: Scene) -> Iterator[File]:
    """What an environment adds, takes away and changes."""
    old, new = _known(base), _known(scene)
    added: dict[str, list[Object]] = {}
    for part, found in objects(scene):
        if _key(found) not in old:
            added.setdefault(part, []).append(found)
    moved = _move(Cluster(base).namespace, Cluster(scene).namespace)
    patches = [*moved, *_patches(old, new, Cluster(base), Cluster(scene))]
    yield from _folder(folder, added, patches, Cluster(scene), base=True)


def _folder(
    folder: str, parts: Mapping[str, list[Object]], patches: list[Object], cluster: Cluster, *, base: bool
) -> Iterator[File]:
    for part, found in parts.items():
        yield File(f"{folder}/{part}.yaml", yaml_text(*found))
    resources = [*(["../../base"] if base else []), *(f"{part}.yaml" for part in parts)]
    changed = {"patches": [_written(one) for one in patches]} if patches else {}
    yield File(f"{folder}/kustomization.yaml", yaml_text({**KUSTOMIZATION, "resources": resources, **changed}))
    if told := list(commands(cluster)):
        yield File(f"{folder}/SECRETS.md", _told(cluster, told))


def _known(scene: Scene) -> Known:
    return {_key(found): found for _, found in objects(scene)}


def _key(found: Object) -> tuple[str, str, str]:
    group, kind, _, name = identity(found)
    return group, kind, name


def _move(old: str, new: str) -> Iterator[Object]:
    """Into the environment's own namespace, all at once."""
    if old != new:
        yield {"target": {"namespace": old}, "patch": [{"op": "replace", "path": "/metadata/namespace", "value": new}]}


def _patches(old: Known, new: Known, before: Cluster, after: Cluster) -> Iterator[Object]:
    for (group, kind, name), found in old.items():
        target = {**({"group": group} if group else {}), "kind": kind, "name": name}
        other = new.get((group, kind, name))
        if other is None:
            gone = {"apiVersion": found["apiVersion"], "kind": kind, "metadata": {"name": name}, "$patch": "delete"}
            namespace = found["metadata"].get("namespace")
            if namespace:
                gone["metadata"]["namespace"] = after.namespace if namespace == before.namespace else namespace
            yield {"patch": gone}
        elif changes := list(patch(_moved(found, before, after), other)):
            yield {"target": target, "patch": changes}


def _moved(found: Object, before: Cluster, after: Cluster) -> Object:
    metadata = found["metadata"]
    if metadata.get("namespace") != before.namespace:
        return found
    return {**found, "metadata": {**metadata, "namespace": after.namespace}}


def _written(one: Object) -> Object:
    """A patch is text inside of the kustomization."""
    return {**one, "patch": yaml_text(one["patch"], header=False)}


def _told(cluster: Cluster, commands: Iterable[str]) -> str:
    lines = [
        f"# Secrets of {cluster.namespace}",
        "",
        "No manager holds these, and nothing rendered here contains them: put them in before the first release.",
        "",
        "```sh",
        *commands,
        "```",
    ]
    return "\n".join(lines) + "\n"


TARGETS.register("kubernetes")(
    Target(
        "Kustomize: a base, and an overlay for each environment",
        render,
        ("kubernetes-validate", "kubectl-kustomize", "checkov-kubernetes"),
    )
)
