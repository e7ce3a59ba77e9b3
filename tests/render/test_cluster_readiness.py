"""What keeps a release in a cluster from ever getting ready, though its server takes every single object."""

from __future__ import annotations

from typing import Any

import pytest
from tests.render.conftest import scene_named
from tests.render.every_stack import CHANGES, laid, stacks
from tests.render.every_stack import scene as variant

from fairlead.render.cluster.objects import objects
from fairlead.render.target import Scene
from fairlead.stack.model import Stack

Object = dict[str, Any]
RESTRICTED = {"allowPrivilegeEscalation": False, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
WORKLOADS = ("Deployment", "Rollout", "StatefulSet")
NAMESPACE = "kubernetes.io/metadata.name"


def everything(scene: Scene) -> list[list[Object]]:
    """The objects of each environment."""
    return [[one for _, one in objects(each)] for each in (scene, *scene.environments_as_scenes().values())]


def of_kind(every: list[Object], kind: str) -> dict[str, Object]:
    """The specs by name."""
    return {one["metadata"]["name"]: one["spec"] for one in every if one["kind"] == kind}


def test_an_analysis_behind_a_cut_over_ends_by_itself(scene: Scene) -> None:
    """Argo Rollouts takes no blue-green release whose analysis measures without end."""
    for every in everything(scene):
        analyses = of_kind(every, "AnalysisTemplate")
        for name, rollout in of_kind(every, "Rollout").items():
            endless = [one["name"] for one in analyses[name]["metrics"] if "count" not in one]
            assert bool(endless) == ("canary" in rollout["strategy"])


@pytest.mark.parametrize("name", CHANGES)
def test_only_who_is_sent_shares_keeps_the_old_pods_warm(name: str) -> None:
    """Argo Rollouts refuses `scaleDownDelaySeconds` of a canary that nobody routes."""
    for rollout in of_kind([one for _, one in objects(variant(name))], "Rollout").values():
        if canary := rollout["strategy"].get("canary"):
            assert ("scaleDownDelaySeconds" in canary) == ("trafficRouting" in canary)


@pytest.mark.parametrize("name", CHANGES)
def test_a_release_names_services_and_routes_that_are_there(name: str) -> None:
    """A rollout that names another thing stays where it is."""
    every = [one for _, one in objects(variant(name))]
    there = {(one["kind"], one["metadata"]["name"]): one for one in every}
    for rollout in of_kind(every, "Rollout").values():
        (strategy,) = rollout["strategy"].values()
        for key in ("activeService", "previewService", "canaryService", "stableService"):
            assert key not in strategy or ("Service", strategy[key]) in there
        traffic = strategy.get("trafficRouting", {})
        for routed in traffic.get("istio", {}).get("virtualServices", []):
            routes = there["VirtualService", routed["name"]]["spec"]["http"]
            assert [route["name"] for route in routes] == routed["routes"]
            assert all([one["weight"] for one in route["route"]] == [100, 0] for route in routes)
        for ingress in [traffic["nginx"]["stableIngress"]] if "stableIngress" in traffic.get("nginx", {}) else []:
            assert ("Ingress", ingress) in there


def test_a_worker_without_ports_is_replaced_in_turn() -> None:
    """There is no Service that a rollout could lead requests by."""
    data = laid(stacks()["ingress"], {"services": {"other": {"ports": None, "release": {"strategy": "canary"}}}})
    every = [one for _, one in objects(Scene(Stack.model_validate(data)))]
    assert "other" in of_kind(every, "Deployment")
    assert "other" not in of_kind(every, "Rollout")


def test_every_sidecar_reaches_the_mesh(scene: Scene) -> None:
    """A pod whose sidecar gets no certificate never becomes ready; servers of stores have no sidecar."""
    for every in everything(scene):
        meshed = any(one["kind"] == "PeerAuthentication" for one in every)
        policies = of_kind(every, "NetworkPolicy")
        for one in every:
            if one["kind"] not in WORKLOADS or not meshed:
                continue
            labels = one["spec"]["template"]["metadata"]["labels"]
            to = [peer for rule in policies[one["metadata"]["name"]]["egress"] for peer in rule.get("to", [])]
            reaches = {"namespaceSelector": {"matchLabels": {NAMESPACE: "istio-system"}}} in to
            assert reaches != (labels.get("sidecar.istio.io/inject") == "false")


def test_prometheus_may_ask_in_spite_of_mutual_tls() -> None:
    """It has no certificate of the mesh: only the ports of metrics are open to it."""
    every = [one for _, one in objects(scene_named("marketplace", "production"))]
    asked = of_kind(every, "PeerAuthentication")
    assert asked.pop("default")["mtls"] == {"mode": "STRICT"}
    assert set(asked) == {"publishing", "discovery", "consumption", "admin"}
    assert all(spec["portLevelMtls"] == {"9090": {"mode": "PERMISSIVE"}} for spec in asked.values())


def test_the_certificate_lies_where_the_entrance_looks_for_it() -> None:
    """Istio's entrance reads Secrets of its own namespace only."""
    every = [one for _, one in objects(scene_named("marketplace", "production"))]
    (certificate,) = [one for one in every if one["kind"] == "Certificate"]
    gateway = of_kind(every, "Gateway")["entrance"]
    assert certificate["metadata"]["namespace"] == "istio-system"
    assert gateway["servers"][1]["tls"]["credentialName"] == certificate["spec"]["secretName"]


def test_pod_security_lets_in_what_operators_make() -> None:
    """Where an operator takes templates for its pods, they say what `restricted` asks for."""
    every = [one for _, one in objects(scene_named("marketplace"))]
    pool, kafka = of_kind(every, "KafkaNodePool")["kafka-brokers"], of_kind(every, "Kafka")["kafka"]
    search = of_kind(every, "Elasticsearch")["elasticsearch"]["nodeSets"][0]["podTemplate"]["spec"]
    containers = [
        pool["template"]["kafkaContainer"],
        kafka["entityOperator"]["template"]["topicOperatorContainer"],
        search["containers"][0],
    ]
    for container in containers:
        assert RESTRICTED.items() <= container["securityContext"].items()
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    for pod in (pool["template"]["pod"], kafka["entityOperator"]["template"]["pod"], search):
        assert pod["securityContext"]["runAsNonRoot"] is True
    for pod in (pool["template"]["pod"], search):
        assert "fsGroup" in pod["securityContext"], "its disk belongs to root"


@pytest.mark.parametrize("brokers", range(1, 7))
def test_of_kafkas_brokers_an_odd_number_votes(brokers: int) -> None:
    """Strimzi warns of an even one, and has no way from one number to another: more than three only hold data."""
    data = laid(stacks()["ingress"], {"stores": {"kafka": {"replicas": brokers}}})
    found = [one for _, one in objects(Scene(Stack.model_validate(data)))]
    pools = of_kind(found, "KafkaNodePool").values()
    assert sum(pool["replicas"] for pool in pools) == brokers
    assert all(pool["replicas"] > 0 and "broker" in pool["roles"] for pool in pools)
    (voting,) = [pool["replicas"] for pool in pools if "controller" in pool["roles"]]
    assert voting == (1 if brokers < 3 else 3)


def test_postgres_is_saved_without_what_its_operator_gives_up() -> None:
    """To a bucket by the plugin; without one by snapshots, of a replica that rests where there is one."""
    guard = [one for _, one in objects(scene_named("secret-detection", "production"))]
    cluster = of_kind(guard, "Cluster")["postgres"]
    (plugin,) = cluster["plugins"]
    assert plugin["parameters"]["barmanObjectName"] in of_kind(guard, "ObjectStore")
    assert of_kind(guard, "ScheduledBackup")["postgres"]["pluginConfiguration"] == {"name": plugin["name"]}
    assert "backup" not in cluster
    market = of_kind([one for _, one in objects(scene_named("marketplace"))], "Cluster")["postgres"]
    assert market["backup"]["volumeSnapshot"]["online"] is False


def test_every_store_is_watched_by_somebody_who_may_ask_it(scene: Scene) -> None:
    """An exporter, scraped under the store's name, and let through by both network policies."""
    for every in everything(scene):
        monitors, policies = of_kind(every, "ServiceMonitor"), of_kind(every, "NetworkPolicy")
        for name in [name for name in of_kind(every, "Deployment") if name.endswith("-exporter")]:
            store = name.removesuffix("-exporter")
            (endpoint,) = monitors[name]["endpoints"]
            assert {"targetLabel": "store", "replacement": store} in endpoint["relabelings"]
            assert policies[name]["egress"][1]["to"]
            if store in policies:
                peers = [peer for rule in policies[store]["ingress"] for peer in rule["from"]]
                picked = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
                assert any(labels.get("app.kubernetes.io/name") == name for labels in picked)


def test_a_pod_behind_several_services_is_asked_once(scene: Scene) -> None:
    """No label tells by which Service it was found, so Prometheus takes them for one, and judges see new pods."""
    for every in everything(scene):
        for name, spec in of_kind(every, "ServiceMonitor").items():
            assert spec["jobLabel"] == "app.kubernetes.io/name"
            assert {"targetLabel": "service", "replacement": name} in spec["endpoints"][0]["relabelings"]


def test_a_root_is_read_only_unless_its_service_says_otherwise(scene: Scene) -> None:
    """Checkov is told to leave that to us."""
    for each in (scene, *scene.environments_as_scenes().values()):
        loose = {name for name, one in each.stack.services.items() if not one.hardening.read_only_root}
        for _, one in objects(each):
            pod = one["spec"].get("template", {}).get("spec") if one["kind"] in WORKLOADS else None
            for container in [*pod.get("initContainers", []), *pod["containers"]] if pod else []:
                only = container["securityContext"]["readOnlyRootFilesystem"]
                assert only is (one["metadata"]["name"] not in loose)


def test_plain_servers_that_know_nothing_of_one_another_are_one() -> None:
    """Two of Postgres behind one name would be two databases."""
    every = of_kind([one for _, one in objects(variant("plain"))], "StatefulSet")
    assert {name: every[name]["replicas"] for name in ("postgres", "kafka", "search")} == {
        "postgres": 1,
        "kafka": 1,
        "search": 1,
    }
