"""Stores as single servers of their official images, each with a volume, a password in a file and a health check."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.render.parts.surroundings import text
from fairlead.render.targets.compose import networks, secrets
from fairlead.render.targets.compose.containers import MI, container, disk, scratch, wrapped
from fairlead.render.targets.compose.health import every, shell
from fairlead.render.targets.compose.project import Data, Project
from fairlead.stack.model.resources import MemoryShare, Resources
from fairlead.stack.model.store import Store

GRACE_S = 60.0
DATA_BYTES = 1024 * MI
"""The least memory of a Java server, where the stack says nothing."""

PORTS = {"postgres": 5432, "redis": 6379, "kafka": 9092, "elasticsearch": 9200, "opensearch": 9200, "objects": 9000}


@dataclass(frozen=True, slots=True)
class Server:
    """How the image of a kind of store is run."""

    image: str
    version: str
    user: int
    data: str
    start: Data
    test: list[str]
    writable: tuple[str, ...] = ("/tmp",)  # noqa: S108 - inside of a container, where it is its own
    read_only: bool = True
    java: bool = False


def of(project: Project) -> Iterator[tuple[str, Data]]:
    """The containers of all stores that run here."""
    for name, store in project.inside():
        server = KINDS[store.kind](name, store)
        yield name, _container(project, name, store, server)
        if store.kind == "kafka" and store.topics:
            yield f"{name}-topics", _topics(project, name, store, server)


def address(name: str, store: Store, password: str) -> str:
    """Where a service finds it; `password` is text that stands for one."""
    server = f"{name}:{PORTS[store.kind]}"
    return {
        "postgres": f"postgresql://{store.database}:{password}@{server}/{store.database}",
        "redis": f"redis://:{password}@{server}/0",
        "kafka": f"kafka://{server}",
        "elasticsearch": f"http://elastic:{password}@{server}",
        "opensearch": f"https://admin:{password}@{server}",
        "objects": f"s3+http://{name}:{password}@{server}/{name}",
    }[store.kind]


def has_password(store: Store) -> bool:
    """All but Kafka's are asked for one."""
    return store.kind != "kafka"


def _container(project: Project, name: str, store: Store, server: Server) -> Data:
    user = f"{server.user}:{server.user}"
    found = container(
        _image(project, store, server),
        user=user,
        resources=_roomy(store.resources) if server.java else store.resources,
        writable=server.writable,
        read_only=server.read_only,
        networks=networks.of_store(project, name),
        grace_s=GRACE_S,
    )
    found["volumes"] = [disk(name, server.data), *found["volumes"]]
    if store.kind == "postgres":
        found["volumes"].append(scratch("/dev/shm", 256 * MI))  # noqa: S108 - Docker's own has 64 MiB
    if has_password(store):
        found["secrets"] = [secrets.password(name)]
    if store.resources.open_files:
        found["ulimits"] = {"nofile": store.resources.open_files}
    if store.profiles:
        found["profiles"] = list(store.profiles)
    return {**found, **server.start, "healthcheck": every(server.test)}


def _image(project: Project, store: Store, server: Server) -> str:
    usual = server.image.removeprefix("docker.io/library/").removeprefix("docker.io/")
    wanted = project.stack.docker.images.get(usual, project.stack.docker.images.get(store.kind, server.image))
    tagged = set(wanted.rpartition("/")[2]) & set(":@")
    return wanted if tagged else f"{wanted}:{server.version}"


def _roomy(said: Resources) -> Resources:
    if said.memory.limit or said.memory.request:
        return said
    return said.model_copy(update={"memory": MemoryShare.model_construct(request=None, limit=2 * DATA_BYTES)})


def _topics(project: Project, name: str, store: Store, server: Server) -> Data:
    """Makes them once the broker answers."""
    found = container(
        _image(project, store, server),
        user=f"{server.user}:{server.user}",
        writable=("/tmp", "/opt/kafka/logs"),  # noqa: S108 - inside of a container, where it is its own
        networks=networks.of_store(project, name),
        once=True,
    )
    create = f"/opt/kafka/bin/kafka-topics.sh --bootstrap-server {name}:9092 --create --if-not-exists --partitions 6"
    lines = "".join(f"{create} --replication-factor 1 --topic {topic}\n" for topic in store.topics)
    waits = {name: {"condition": "service_healthy"}}
    return {**found, "entrypoint": ["sh", "-eu", "-c", lines], "command": [], "depends_on": waits, **_profiles(store)}


def _profiles(store: Store) -> Data:
    return {"profiles": list(store.profiles)} if store.profiles else {}


def _exact(store: Store, usual: str) -> str:
    """Some images have no tag for a major version alone."""
    return store.version if store.version and "." in store.version else usual


def _redis(name: str, store: Store) -> Server:
    settings = {"appendonly": "yes", "dir": "/data", "protected-mode": "no"}
    settings |= {key: text(value) for key, value in store.settings.items()}
    lines = " ".join(shlex.quote(f"{key} {value}") for key, value in settings.items())
    read = secrets.read(secrets.password(name))
    written = f"printf '%s\\n' {lines} \"requirepass {read}\" >/tmp/redis.conf"
    start = f"umask 077\n{written}\nexec redis-server /tmp/redis.conf\n"
    return Server(
        "docker.io/library/redis",
        store.version or "7",
        999,
        "/data",
        {"entrypoint": ["sh", "-eu", "-c", start], "command": []},
        shell(f'REDISCLI_AUTH="{read}" redis-cli ping | grep -q PONG'),
    )


def _postgres(name: str, store: Store) -> Server:
    settings = [word for key, value in store.settings.items() for word in ("-c", f"{key}={text(value)}")]
    environment = {
        "POSTGRES_USER": store.database,
        "POSTGRES_DB": store.database,
        "POSTGRES_PASSWORD_FILE": f"/run/secrets/{secrets.password(name)}",
        "POSTGRES_INITDB_ARGS": "--auth=scram-sha-256 --encoding=UTF8",
        "PGDATA": "/var/lib/postgresql/data/pgdata",
    }
    return Server(
        "docker.io/library/postgres",
        store.version or "17",
        999,
        "/var/lib/postgresql/data",
        {"environment": environment, "command": ["postgres", *settings]},
        ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", store.database, "-d", store.database],
        ("/tmp", "/var/run/postgresql"),  # noqa: S108 - inside of a container, where it is its own
    )


def _kafka(name: str, store: Store) -> Server:
    environment = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{name}:9092",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_LOG_DIRS": "/var/lib/kafka/data/log",
        **({"KAFKA_LOG_RETENTION_MS": str(round(store.expire * 1000))} if store.expire is not None else {}),
        **{f"KAFKA_{key.upper().replace('.', '_')}": text(value) for key, value in store.settings.items()},
    }
    return Server(
        "docker.io/apache/kafka",
        _exact(store, "4.1.0"),
        1000,
        "/var/lib/kafka/data",
        {"environment": environment},
        ["CMD", "bash", "-c", "</dev/tcp/127.0.0.1/9092"],
        ("/tmp", "/opt/kafka/config", "/opt/kafka/logs", "/mnt/shared/config"),  # noqa: S108 - inside of a container
        java=True,
    )


def _elasticsearch(name: str, store: Store) -> Server:
    """It writes a keystore beside its configuration, so that its root can't be read-only."""
    read = secrets.read(secrets.password(name))
    environment = {
        "cluster.name": name,
        "discovery.type": "single-node",
        "node.store.allow_mmap": "false",
        "xpack.security.enabled": "true",
        "xpack.security.http.ssl.enabled": "false",
        **{key: text(value) for key, value in store.settings.items()},
    }
    return Server(
        "docker.elastic.co/elasticsearch/elasticsearch",
        _exact(store, "8.19.0"),
        1000,
        "/usr/share/elasticsearch/data",
        {
            "environment": environment,
            **wrapped({"ELASTIC_PASSWORD": read}, ["/usr/local/bin/docker-entrypoint.sh", "eswrapper"]),
        },
        shell(f'curl -fsS -o /dev/null -u "elastic:{read}" http://127.0.0.1:9200'),
        read_only=False,
        java=True,
    )


def _opensearch(name: str, store: Store) -> Server:
    """It makes certificates beside its configuration, so that its root can't be read-only."""
    read = secrets.read(secrets.password(name))
    environment = {
        "cluster.name": name,
        "discovery.type": "single-node",
        "node.store.allow_mmap": "false",
        **{key: text(value) for key, value in store.settings.items()},
    }
    return Server(
        "docker.io/opensearchproject/opensearch",
        _exact(store, "2.19.1"),
        1000,
        "/usr/share/opensearch/data",
        {
            "environment": environment,
            **wrapped({"OPENSEARCH_INITIAL_ADMIN_PASSWORD": read}, ["./opensearch-docker-entrypoint.sh", "opensearch"]),
        },
        shell(f'curl -fsSk -o /dev/null -u "admin:{read}" https://127.0.0.1:9200'),
        read_only=False,
        java=True,
    )


def _objects(name: str, store: Store) -> Server:
    environment = {
        "MINIO_ROOT_USER": name,
        "MINIO_ROOT_PASSWORD_FILE": f"/run/secrets/{secrets.password(name)}",
        **{key: text(value) for key, value in store.settings.items()},
    }
    return Server(
        "docker.io/minio/minio",
        store.version or "RELEASE.2025-09-07T16-13-09Z",
        1000,
        "/data",
        {"environment": environment, "command": ["server", "/data"]},
        ["CMD", "mc", "ready", "local"],
    )


KINDS = {
    "postgres": _postgres,
    "redis": _redis,
    "kafka": _kafka,
    "elasticsearch": _elasticsearch,
    "opensearch": _opensearch,
    "objects": _objects,
}
"""By kind."""
