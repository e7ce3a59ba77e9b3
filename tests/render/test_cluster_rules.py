"""Objects of a cluster against what its API server refuses beyond schemas, and those rules against seeded mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.render.cluster_rules import RULES, Object
from tests.render.conftest import scene_named
from tests.render.every_stack import CHANGES
from tests.render.every_stack import scene as variant

from fairlead.render.cluster.objects import objects
from fairlead.render.target import Scene


def test_a_server_would_take_every_object_of_every_environment(scene: Scene) -> None:
    """Of the five systems."""
    for one in (scene, *scene.environments_as_scenes().values()):
        assert _complaints([found for _, found in objects(one)]) == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_server_would_take_stacks_of_other_choices(name: str) -> None:
    """Gateway API, Istio, KEDA, plain stores, plain rollouts."""
    assert _complaints([found for _, found in objects(variant(name))]) == []


STUCK = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
OUTSIDE = [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/8"]}}]}]

SEEDED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a long label": ("Deployment", lambda one: one["metadata"]["labels"].update(team="x" * 64)),
    "a label of SemVer": ("Deployment", lambda one: one["metadata"]["labels"].update(version="1.2.3+4")),
    "a number as annotation": ("Deployment", lambda one: one["metadata"].update(annotations={"a": 1})),
    "a selector of others": ("Deployment", lambda one: one["spec"]["selector"]["matchLabels"].update(x="y")),
    "a service of nobody": ("Service", lambda one: one["spec"]["selector"].update(x="y")),
    "no image": ("Deployment", lambda one: _first(one).pop("image")),
    "a mount of nothing": (
        "Deployment",
        lambda one: _first(one)["volumeMounts"].append({"name": "n", "mountPath": "/n"}),
    ),
    "a variable twice": ("Deployment", lambda one: _first(one)["env"].append(_first(one)["env"][0])),
    "a variable without value": ("Deployment", lambda one: _first(one)["env"].append({"name": "X"})),
    "a wrong quantity": ("Deployment", lambda one: _first(one)["resources"]["limits"].update(memory="256MB")),
    "a request over its limit": ("Deployment", lambda one: _first(one)["resources"]["requests"].update(cpu="99")),
    "a port without number": ("Deployment", lambda one: _first(one)["ports"][0].update(containerPort=0)),
    "a long port name": ("Deployment", lambda one: _first(one)["ports"][0].update(name="a-very-long-port-name")),
    "a service to no port": ("Service", lambda one: one["spec"]["ports"][0].update(targetPort="nothing")),
    "a probe of no port": ("Deployment", lambda one: _first(one)["readinessProbe"].update(tcpSocket={"port": "no"})),
    "a probe of two ways": ("Deployment", lambda one: _first(one)["readinessProbe"].update(exec={"command": ["x"]})),
    "a rollout that can't move": ("Deployment", lambda one: one["spec"].update(strategy=STUCK)),
    "no service account": ("Deployment", lambda one: one["spec"]["template"]["spec"].update(serviceAccountName="no")),
    "crossed bounds": ("HorizontalPodAutoscaler", lambda one: one["spec"].update(minReplicas=99)),
    "no metrics": ("HorizontalPodAutoscaler", lambda one: one["spec"].update(metrics=[])),
    "two bounds": ("PodDisruptionBudget", lambda one: one["spec"].update(minAvailable=1)),
    "an exception outside": ("NetworkPolicy", lambda one: one["spec"].update(egress=OUTSIDE)),
}


@pytest.mark.parametrize("mistake", SEEDED)
def test_a_seeded_mistake_is_found(mistake: str) -> None:
    """Or the rules would be worth nothing."""
    kind, spoil = SEEDED[mistake]
    found = copy.deepcopy([one for _, one in objects(scene_named("exploration"))])
    spoil(next(one for one in found if one["kind"] == kind))
    assert _complaints(found)


def _complaints(found: list[Object]) -> list[str]:
    return [said for rule in RULES for said in rule(found)]


def _first(one: Object) -> Object:
    container: Object = one["spec"]["template"]["spec"]["containers"][0]
    return container
