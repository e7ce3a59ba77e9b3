"""Manifests and overlays."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.render.conftest import scene_named

from fairlead.render.cluster.objects import identity, objects
from fairlead.render.rendering import rendered
from fairlead.render.target import Scene
from fairlead.render.writing import write
from fairlead.stack.model import Stack

KUBECTL = shutil.which("kubectl")


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on this machine")
def test_an_overlay_makes_exactly_the_objects_of_its_environment(scene: Scene, tmp_path: Path) -> None:
    """Of the base, by Kustomize itself."""
    write(rendered("kubernetes", scene).files, tmp_path)
    for name, stack in scene.environments.items():
        wanted = {identity(found): found for _, found in objects(replace(scene, stack=stack, environment=name))}
        made = _kustomized(tmp_path / "overlays" / name)
        assert made == wanted


def test_every_object_is_there_once_and_in_a_file(scene: Scene) -> None:
    """By group, kind, namespace and name."""
    every: list[tuple[str | None, Stack]] = [(None, scene.stack), *scene.environments.items()]
    for name, stack in every:
        found = [identity(one) for _, one in objects(replace(scene, stack=stack, environment=name))]
        assert len(found) == len(set(found))


def test_no_pod_may_do_what_pod_security_restricted_refuses(scene: Scene) -> None:
    """Of workloads, and of stores that are rendered as plain servers."""
    containers = 0
    for pod in _pods(scene):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            containers += 1
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"]["drop"] == ["ALL"]
            assert {"cpu", "memory", "ephemeral-storage"} <= container["resources"]["limits"].keys()
    assert containers


def test_the_autoscaler_of_the_marketplace_is_as_declared() -> None:
    """Consumption doubles within 15 seconds; every service shrinks by a tenth in five minutes."""
    found = {
        one["metadata"]["name"]: one["spec"]
        for _, one in objects(scene_named("marketplace"))
        if one["kind"] == "HorizontalPodAutoscaler"
    }
    bounds = {name: (spec["minReplicas"], spec["maxReplicas"]) for name, spec in found.items()}
    assert bounds == {"publishing": (3, 50), "discovery": (5, 100), "consumption": (10, 200), "admin": (2, 10)}
    up = found["consumption"]["behavior"]["scaleUp"]["policies"]
    assert up == [{"type": "Percent", "value": 100, "periodSeconds": 15}]
    for spec in found.values():
        assert spec["behavior"]["scaleDown"]["policies"] == [{"type": "Percent", "value": 10, "periodSeconds": 300}]


def test_who_is_scaled_by_an_autoscaler_has_no_number_of_its_own(scene: Scene) -> None:
    """Or every apply would set it back."""
    every = [one for _, one in objects(scene)]
    scaled = {
        (one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"])
        for one in every
        if one["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")
    }
    for one in every:
        if (one["kind"], one["metadata"]["name"]) in scaled:
            assert "replicas" not in one["spec"]


def _pods(scene: Scene) -> list[dict[str, Any]]:
    templates = [
        one["spec"]["template"]["spec"]
        for _, one in objects(scene)
        if one["kind"] in ("Deployment", "StatefulSet", "Rollout")
    ]
    jobs = [
        one["spec"]["jobTemplate"]["spec"]["template"]["spec"] for _, one in objects(scene) if one["kind"] == "CronJob"
    ]
    return [*templates, *jobs]


def _kustomized(folder: Path) -> dict[tuple[str, str, str, str], Any]:
    command = [str(KUBECTL), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return {identity(found): found for found in yaml.load_all(done.stdout, yaml.CSafeLoader)}
