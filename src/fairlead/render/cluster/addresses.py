"""Where a service finds what it needs inside a cluster: variables, some of them composed of a secret's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.render.cluster.cluster import Cluster
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Need, Service
from fairlead.stack.model.store import Store
from fairlead.stack.variables import of_need

Variable = dict[str, Any]

PORTS = {"postgres": 5432, "redis": 6379, "kafka": 9092, "elasticsearch": 9200, "opensearch": 9200, "objects": 9000}
"""On which a store of each kind is reached."""

STORE_LABELS = {
    "postgres": lambda name: {"cnpg.io/cluster": name},
    "kafka": lambda name: {"strimzi.io/cluster": name},
    "elasticsearch": lambda name: {"elasticsearch.k8s.elastic.co/cluster-name": name},
}
"""What picks out the pods of a store that an operator runs."""


def variables(cluster: Cluster, service: Service) -> Iterator[Variable]:
    """The addresses of what a service needs."""
    for need in service.needs:
        name = of_need(need, cluster.stack)
        store = cluster.stack.stores.get(need.name)
        if store is None:
            yield {"name": name, "value": of_service(cluster, need)}
        else:
            yield from of_store(cluster, need.name, store, name)


def of_service(cluster: Cluster, need: Need) -> str:
    """The address of another service."""
    other = cluster.stack.services[need.name]
    port = need.port or next(iter(other.ports), None)
    number = inner_ports(other)[port] if port else 80
    scheme = {"grpc": "grpc", "tcp": "tcp"}.get(other.ports[port].protocol, "http") if port else "http"
    return f"{scheme}://{need.name}:{number}"


def host_and_port(cluster: Cluster, need: Need) -> tuple[str, int] | None:
    """Where somebody who waits for it knocks; `None` for what is outside of the cluster."""
    store = cluster.stack.stores.get(need.name)
    if store is None:
        other = cluster.stack.services[need.name]
        port = need.port or next(iter(other.ports), None)
        return (need.name, inner_ports(other)[port]) if port else None
    return None if is_outside(store) else (host(cluster, need.name, store), PORTS[store.kind])


def is_outside(store: Store) -> bool:
    """Whether somebody else runs it."""
    return bool(store.managed or store.external or store.external_secret)


def pods_of_store(cluster: Cluster, name: str) -> dict[str, str]:
    """The labels of a store's pods, whoever makes them."""
    kind = cluster.stack.stores[name].kind
    if cluster.stack.kubernetes.stores == "operators" and kind in STORE_LABELS:
        return STORE_LABELS[kind](name)
    return cluster.selector(name)


def host(cluster: Cluster, name: str, store: Store) -> str:
    """The name of its server; operators give names of their own."""
    if cluster.stack.kubernetes.stores == "plain":
        return name
    match store.kind:
        case "postgres":
            return f"{name}-pooler" if store.pooling else f"{name}-rw"
        case "kafka":
            return f"{name}-kafka-bootstrap"
        case "elasticsearch":
            return f"{name}-es-http"
        case _:
            return name


def credentials(cluster: Cluster, name: str, store: Store) -> str:
    """The Secret that holds what it takes to log in."""
    if cluster.stack.kubernetes.stores == "operators" and not is_outside(store):
        return {"postgres": f"{name}-app", "elasticsearch": f"{name}-es-elastic-user"}.get(
            store.kind, f"{name}-credentials"
        )
    return f"{name}-credentials"


def of_store(cluster: Cluster, name: str, store: Store, variable: str) -> Iterator[Variable]:
    """A variable that holds the URL of a store, after the one that it is composed of."""
    secret = credentials(cluster, name, store)
    if store.external:
        yield {"name": variable, "value": store.external}
        return
    if store.managed or store.external_secret:
        yield of_secret(variable, secret, "url")
        return
    server = f"{host(cluster, name, store)}:{PORTS[store.kind]}"
    match store.kind:
        case "postgres":
            yield of_secret(f"{variable}_PASSWORD", secret, "password")
            yield {
                "name": variable,
                "value": f"postgresql://{store.database}:$({variable}_PASSWORD)@{server}/{store.database}",
            }
        case "redis":
            yield of_secret(f"{variable}_PASSWORD", secret, "password")
            yield {"name": variable, "value": f"redis://:$({variable}_PASSWORD)@{server}/0"}
        case "kafka":
            yield {"name": variable, "value": f"kafka://{server}"}
        case "elasticsearch" | "opensearch":
            key = "elastic" if secret.endswith("-es-elastic-user") else "password"
            user = "elastic" if store.kind == "elasticsearch" else "admin"
            yield of_secret(f"{variable}_PASSWORD", secret, key)
            scheme = "http" if store.kind == "elasticsearch" and key == "password" else "https"
            yield {"name": variable, "value": f"{scheme}://{user}:$({variable}_PASSWORD)@{server}"}
        case "objects":
            yield of_secret(f"{variable}_PASSWORD", secret, "password")
            yield {"name": variable, "value": f"s3+http://{name}:$({variable}_PASSWORD)@{server}/{name}"}


def of_secret(variable: str, secret: str, key: str) -> Variable:
    """A variable whose value is in a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
