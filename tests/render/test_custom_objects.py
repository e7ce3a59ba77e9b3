"""Objects of operators' kinds: no field that the kind has not, none missing that it needs, every value of its type."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from tests.render.custom import CORE, Object, custom, every, schemas
from tests.render.every_stack import laid, stacks

from fairlead.render.cluster import leaving
from fairlead.render.cluster.objects import objects
from fairlead.render.target import Scene
from fairlead.stack.model import Stack

GIVEN_UP = {
    "external-secrets.io/v1beta1", "kafka.strimzi.io/v1beta2", "networking.istio.io/v1beta1",
    "security.istio.io/v1beta1", "gateway.networking.k8s.io/v1beta1", "cert-manager.io/v1alpha2",
    "autoscaling/v2beta2", "policy/v1beta1", "batch/v1beta1", "autoscaling.k8s.io/v1beta2",
}  # fmt: skip
"""API versions that a server warns of, or has no longer."""


def complaints(found: list[Object]) -> list[str]:
    """What is wrong with them."""
    told = []
    for one in found:
        called = f"{one['kind']} {one['metadata']['name']}"
        schema = schemas().get(f"{one['apiVersion']}/{one['kind']}")
        if schema is None:
            told.append(f"{called}: nobody looked up its fields")
            continue
        judge = jsonschema.Draft202012Validator(schema)
        told += [f"{called}: {error.json_path}: {error.message}" for error in judge.iter_errors(one)]
    return told


def test_every_operator_would_take_what_is_rendered_for_it() -> None:
    """Of all systems, environments and choices."""
    assert complaints(list(custom(every()))) == []


def test_no_version_is_one_that_a_server_warns_of() -> None:
    """A warning is a failure."""
    assert {one["apiVersion"] for one in every()} & GIVEN_UP == set()


def test_no_field_is_one_that_an_operator_warns_of() -> None:
    """CloudNativePG's own backups to a bucket, and monitors that it makes itself."""
    for one in custom(every()):
        if one["kind"] == "Cluster":
            assert "barmanObjectStore" not in one["spec"].get("backup", {})
            assert "monitoring" not in one["spec"]


def test_every_kind_is_the_clusters_own_or_looked_up() -> None:
    """And nothing is looked up that is rendered nowhere."""
    kinds = {f"{one['apiVersion']}/{one['kind']}" for one in custom(every())}
    assert kinds == set(schemas())
    assert not {kind for kind in schemas() if kind.partition("/")[0] in CORE}


def saved_to(where: str, variant: str = "ingress") -> tuple[dict[str, Any], list[str]]:
    """The specs by kind of a stack that saves there, and the keys that it is told are left out."""
    change = {key: {"every": "1d", "where": where} for key in ("backup", "cluster_backup")}
    stack = Stack.model_validate(laid(stacks()[variant], change))
    found = list(custom(one for _, one in objects(Scene(stack, None, {}, {}))))
    assert complaints(found) == []
    return {one["kind"]: one["spec"] for one in found}, [one.pattern for one in leaving.unsupported(stack)]


@pytest.mark.parametrize(
    ("where", "credentials", "location"),
    [
        ("s3://there/x/", "s3Credentials", {"region": "eu-central-1", "serverSideEncryption": "AES256"}),
        ("gs://there/x", "googleCredentials", None),
        (
            "https://ours.blob.core.windows.net/there/x",
            "azureCredentials",
            {
                "storageAccount": "ours",
                "storageAccountURI": "https://ours.blob.core.windows.net",
                "useAAD": "true",
            },
        ),
    ],
)
def test_a_bucket_of_each_cloud_is_named_as_its_operators_ask(where: str, credentials: str, location: Object) -> None:
    """Azure's by the whole URL: neither Barman nor Velero finds a container without its storage account."""
    found, left = saved_to(where)
    configuration = found["ObjectStore"]["configuration"]
    assert configuration["destinationPath"] == f"{where.rstrip('/')}/postgres"
    assert credentials in configuration
    assert found["BackupStorageLocation"]["objectStorage"] == {"bucket": "there", "prefix": "x"}
    assert found["BackupStorageLocation"].get("config") == location
    assert not {"backup.where", "cluster_backup.where"} & set(left)


@pytest.mark.parametrize("where", ["/var/backups", "file:///backups", "az://there/x", "https://example.com/x"])
def test_a_place_that_no_operator_reaches_is_named_as_left_out(where: str) -> None:
    """Snapshots are made in its stead."""
    found, left = saved_to(where)
    assert not {"ObjectStore", "BackupStorageLocation"} & found.keys()
    assert found["ScheduledBackup"]["method"] == "volumeSnapshot"
    assert {"backup.where", "cluster_backup.where"} <= set(left)


def test_a_bucket_of_another_cloud_is_in_none_of_our_regions() -> None:
    """Velero asks S3 for it."""
    assert "region" not in saved_to("s3://there/x", "istio")[0]["BackupStorageLocation"]["config"]


SEEDED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "an unknown field": ("Rollout", lambda spec: spec["strategy"].update(rolling={})),
    "a field one deeper": ("VirtualService", lambda spec: spec["http"][0].update(retry={})),
    "a number as text": ("ScaledObject", lambda spec: spec.update(maxReplicaCount="3")),
    "a text as number": ("AnalysisTemplate", lambda spec: spec["metrics"][0].update(interval=30)),
    "a name that is missing": ("Certificate", lambda spec: spec["issuerRef"].pop("name")),
    "a mode that is none": ("PeerAuthentication", lambda spec: spec["mtls"].update(mode="STRONG")),
    "a schedule of five fields": ("ScheduledBackup", lambda spec: spec.update(schedule="0 0 * * *")),
    "a role that is none": ("KafkaNodePool", lambda spec: spec["roles"].append("zookeeper")),
    "brokers without listeners": ("Kafka", lambda spec: spec["kafka"].pop("listeners")),
    "a listener that is given up": ("Kafka", lambda spec: spec["kafka"]["listeners"][0].update(type="ingress")),
    "a disk without a size": ("KafkaNodePool", lambda spec: spec["storage"]["volumes"][0].pop("size")),
    "nodes without a name": ("Elasticsearch", lambda spec: spec["nodeSets"][0].pop("name")),
    "an image that nobody builds": (
        "Cluster",
        lambda spec: spec.update(imageName=spec["imageName"].partition("-st")[0]),
    ),
    "a directory as bucket": (
        "ObjectStore",
        lambda spec: spec["configuration"].update(destinationPath="/var/backups/postgres"),
    ),
    "a compression of the log only": (
        "ObjectStore",
        lambda spec: spec["configuration"]["data"].update(compression="xz"),
    ),
    "Azure without an account": ("BackupStorageLocation", lambda spec: spec.update(provider="azure")),
    "a mode that is given up": ("VerticalPodAutoscaler", lambda spec: spec["updatePolicy"].update(updateMode="Auto")),
    "no bucket": ("ObjectStore", lambda spec: spec["configuration"].pop("destinationPath")),
    "a period that is a number": ("Schedule", lambda spec: spec["template"].update(ttl=24)),
    "a target that is a name": ("VerticalPodAutoscaler", lambda spec: spec.update(targetRef="hub")),
}


@pytest.mark.parametrize("seed", SEEDED)
def test_a_seeded_mistake_is_seen(seed: str) -> None:
    """Or silence would be worth nothing."""
    kind, spoil = SEEDED[seed]
    one = copy.deepcopy(next(found for found in custom(every()) if found["kind"] == kind))
    spoil(one["spec"])
    assert complaints([one])
