"""Kafka: a cluster of Strimzi without ZooKeeper, with its topics; plain, one server that is its own controller."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.cluster import Cluster, Object, outside_mesh
from fairlead.render.cluster.quantities import resources
from fairlead.render.cluster.security import OPERATED
from fairlead.render.cluster.stores.servers import Server, disk, servers, storage_class
from fairlead.render.parts.surroundings import text
from fairlead.stack.model.store import Store

API = "kafka.strimzi.io/v1"
USUAL_VERSION = "4.1.0"
USER = 1000
DISKS: Object = {"fsGroup": 0, "fsGroupChangePolicy": "OnRootMismatch"}
"""The group of Strimzi's images: Strimzi gives it the disks only where nobody says anything of the pod's security."""
MOST_COPIES = 3
VOTING = 3
"""Brokers that are controllers, too, where there are as many: Strimzi warns of an even number, and can't change it."""
PARTITIONS = 6


def of(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    """By how stores are run."""
    if cluster.stack.kubernetes.stores == "plain":
        yield from servers(cluster, name, store, _server(cluster, name, store))
        return
    voting = VOTING if store.replicas >= VOTING else 1
    yield _pool(cluster, name, store, "brokers", {"replicas": voting, "roles": ["controller", "broker"]})
    if store.replicas > voting:
        others = {"replicas": store.replicas - voting, "roles": ["broker"]}
        yield _pool(cluster, name, store, "more-brokers", others)
    yield cluster.object(API, "Kafka", name, _cluster(cluster, store))
    for topic in store.topics:
        yield _topic(cluster, name, store, topic)


def _version(store: Store) -> str | None:
    """Strimzi knows versions by their three numbers only, and so do the tags of images."""
    return store.version if store.version and store.version.count(".") == 2 else None


def _pool(cluster: Cluster, name: str, store: Store, called: str, who: Object) -> Object:
    storage = storage_class(cluster, store)
    volume = {"type": "persistent-claim", "id": 0, "size": disk(store), "deleteClaim": False, "kraftMetadata": "shared"}
    spec = {
        **who,
        "template": {"pod": _restricted(cluster, DISKS), "kafkaContainer": {"securityContext": OPERATED}},
        "storage": {"type": "jbod", "volumes": [{**volume, **({"class": storage} if storage else {})}]},
        "resources": {kind: {k: v for k, v in amounts.items() if k != "ephemeral-storage"}
                      for kind, amounts in resources(store.resources).items()},
    }  # fmt: skip
    found = cluster.object(API, "KafkaNodePool", f"{name}-{called}", spec, owner=name)
    found["metadata"]["labels"]["strimzi.io/cluster"] = name
    return found


def _restricted(cluster: Cluster, more: Object | None = None) -> Object:
    """What Pod Security `restricted` asks of a pod; Strimzi's images bring a user that is not root."""
    labels = outside_mesh(cluster)
    said = {"securityContext": {"runAsNonRoot": True, **(more or {}), "seccompProfile": {"type": "RuntimeDefault"}}}
    return {**said, **({"metadata": {"labels": labels}} if labels else {})}


def _cluster(cluster: Cluster, store: Store) -> Object:
    copies = min(MOST_COPIES, store.replicas)
    config: Object = {
        "default.replication.factor": copies,
        "min.insync.replicas": max(1, copies - 1),
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": max(1, copies - 1),
        **{key: text(value) for key, value in store.settings.items()},
    }
    if store.expire is not None:
        config["log.retention.ms"] = round(store.expire * 1000)
    version = {"version": said} if (said := _version(store)) else {}
    listener = {"name": "plain", "port": 9092, "type": "internal", "tls": False}
    return {
        "kafka": {**version, "listeners": [listener], "config": config},
        "entityOperator": {
            "topicOperator": {},
            "template": {
                "pod": _restricted(cluster),
                "topicOperatorContainer": {"securityContext": OPERATED},
            },
        },
    }


def _topic(cluster: Cluster, name: str, store: Store, topic: str) -> Object:
    retention = {"config": {"retention.ms": round(store.expire * 1000)}} if store.expire is not None else {}
    spec = {"partitions": PARTITIONS, "replicas": min(MOST_COPIES, store.replicas), **retention}
    found = cluster.object(API, "KafkaTopic", topic, spec, owner=name)
    found["metadata"]["labels"]["strimzi.io/cluster"] = name
    return found


def _server(cluster: Cluster, name: str, store: Store) -> Server:
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{name}:9092",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_LOG_DIRS": "/var/lib/kafka/data/log",
        **({"KAFKA_LOG_RETENTION_MS": str(round(store.expire * 1000))} if store.expire is not None else {}),
        **{f"KAFKA_{key.upper().replace('.', '_')}": text(value) for key, value in store.settings.items()},
    }
    image = cluster.stack.docker.images.get("apache/kafka", "docker.io/apache/kafka")
    return Server(
        image=f"{image}:{_version(store) or USUAL_VERSION}",
        user=USER,
        data="/var/lib/kafka/data",
        env=tuple({"name": key, "value": value} for key, value in settings.items()),
        writable=("/tmp", "/opt/kafka/config", "/opt/kafka/logs"),  # noqa: S108 - inside a container, where it is its own
    )
