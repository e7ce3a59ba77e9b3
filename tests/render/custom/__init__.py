"""The kinds of operators' objects: what tests know of their fields, and the objects of all stacks there are.

`generated.json` is made by `tools/custom_schemas.py` from the packages named here; `by_hand.json` is written by hand
for CloudNativePG 1.30 and its plugin for Barman Cloud, Strimzi 1.2, ECK 3, Velero and the Vertical Pod Autoscaler. Both
have the fields of those places only that we render, and all fields of each place in the generated one.

Compared with definitions of kinds in public repositories, field by field:
* Kafka, KafkaNodePool: those of Strimzi 1.2.0, in bartvanbenthem/cn-paas-operator-poc@e714340
  (external-crds/crd-strimzi-kafka-operator-v1.2.0.yaml); fields that its descriptions call mandatory are required here,
  and `ingress`, which Strimzi warns of, is no type of a listener.
* KafkaTopic: that of v1 in datreeio/CRDs-catalog@f758434 (kafka.strimzi.io/kafkatopic_v1.json), which says no release.
* Elasticsearch: elastic/cloud-on-k8s@005d417 (config/crds/v1/all-crds.yaml). It takes any `podTemplate` and `config`.
* Cluster, Pooler, ScheduledBackup: those of CloudNativePG 1.30.0, in cloudnative-pg/cloudnative-pg@892f152
  (releases/cnpg-1.30.0.yaml). More than it asks for: a size of the storage, six fields in a schedule, no method that
  is deprecated, and a tag that is still built (cloudnative-pg/postgres-containers@00d70ef, docker-bake.hcl).
* ObjectStore: cloudnative-pg/plugin-barman-cloud@06b1dee, which says no release
  (config/crd/bases/barmancloud.cnpg.io_objectstores.yaml); how buckets are named: @05a33c6 (web/docs/object_stores.md).
* Schedule, BackupStorageLocation: velero-io/velero@863a219 and @a25b9e8, which say no release (config/crd/v1/bases/).
  More than they ask for: five fields in a schedule, a period that Go reads, operators that selectors have, and Azure's
  account (vmware-tanzu/velero@02ae6f2, pkg/util/azure/storage.go).
* VerticalPodAutoscaler: kubernetes/autoscaler@01d0899, which says no release
  (vertical-pod-autoscaler/deploy/vpa-v1-crd-gen.yaml); without the mode `Auto`, which is given up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.render.conftest import SYSTEMS, scene_named
from tests.render.every_stack import CHANGES
from tests.render.every_stack import scene as variant

from fairlead.render.cluster.objects import objects

Object = dict[str, Any]
GENERATED = Path(__file__).with_name("generated.json")
BY_HAND = Path(__file__).with_name("by_hand.json")

PACKAGES = {
    "argoproj.io": ("argo-rollouts", "2.0.0"),
    "cert-manager.io": ("cert-manager", "6.0.0"),
    "external-secrets.io": ("external-secrets", "2.0.0"),
    "gateway.networking.k8s.io": ("gateway-api", "2.0.0"),
    "generators.external-secrets.io": ("external-secrets", "2.0.0"),
    "keda.sh": ("keda", "2.0.0"),
    "monitoring.coreos.com": ("prometheus-operator", "6.0.0"),
    "networking.istio.io": ("istio", "3.0.1"),
    "security.istio.io": ("istio", "3.0.1"),
}
"""npm's packages with their types, by API group."""

CORE = ("", "apps", "autoscaling", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io",
        "scheduling.k8s.io")  # fmt: skip
"""API groups of the cluster itself."""


@cache
def schemas() -> dict[str, Object]:
    """By API version and kind."""
    return {**json.loads(GENERATED.read_text()), **json.loads(BY_HAND.read_text())}


def every() -> Iterator[Object]:
    """Of the five systems in all environments, and of the stacks that differ in their great choices."""
    for system in SYSTEMS:
        scene = scene_named(system)
        for one in (scene, *scene.environments_as_scenes().values()):
            yield from (found for _, found in objects(one))
    for name in CHANGES:
        yield from (found for _, found in objects(variant(name)))


def custom(found: Iterator[Object]) -> Iterator[Object]:
    """Those that an operator brings the kind of."""
    return (one for one in found if one["apiVersion"].rpartition("/")[0] not in CORE)
