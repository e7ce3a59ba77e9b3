"""Settings and secrets: config maps with what is plain, and where the values of secrets are fetched from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fairlead.render.clouds.secretnames import manager_key
from fairlead.render.cluster.addresses import credentials, is_outside
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.quantities import span
from fairlead.render.parts import surroundings
from fairlead.stack.model.docker import Registry
from fairlead.stack.model.store import Secret, Store

NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
API = "external-secrets.io/v1"
GENERATORS = "generators.external-secrets.io/v1alpha1"
REFRESH = "1h"
PASSWORD_LENGTH = 32
MADE_HERE = {"postgres": {"plain"}, "redis": {"plain", "operators"}, "opensearch": {"plain", "operators"},
             "elasticsearch": {"plain"}, "objects": {"plain", "operators"}}  # fmt: skip
"""Kinds of stores whose password nobody else makes, by how stores are run."""


def of(cluster: Cluster) -> Iterator[Object]:
    """Config maps, then secrets."""
    for name, service in cluster.stack.services.items():
        if service.settings:
            _, _, file = surroundings.SETTINGS.rpartition("/")
            yield cluster.object(
                "v1", "ConfigMap", f"{name}-settings", owner=name, data={file: surroundings.settings(service)}
            )
    for name, secret in used(cluster).items():
        if secret.manager:
            yield _fetched(cluster, name, secret.manager, secret.key or name, "value", secret)
    for host, login in cluster.stack.docker.registries.items():
        if cluster.stack.secrets[login.secret].manager:
            yield _login(cluster, host, login)
    for name, store in cluster.stack.stores.items():
        yield from _of_store(cluster, name, store)


def registry_secret(host: str) -> str:
    """The Secret that holds the login of a registry."""
    return f"registry-{NOT_IN_NAMES.sub('-', host.lower()).strip('-')}"


def used(cluster: Cluster) -> dict[str, Secret]:
    """The secrets that services ask for."""
    names = {secret for service in cluster.stack.services.values() for secret in service.secrets.values()}
    return {name: secret for name, secret in cluster.stack.secrets.items() if name in names}


def _of_store(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    secret = credentials(cluster, name, store)
    if store.external_secret:
        said = cluster.stack.secrets[store.external_secret]
        if said.manager:
            yield _fetched(cluster, secret, said.manager, said.key or store.external_secret, "url", said, owner=name)
    elif store.managed:
        # Terraform puts the address of what it makes there
        yield _fetched(cluster, secret, f"{cluster.namespace}/{name}", "url", "url", Secret(manager=""), owner=name)
    elif not is_outside(store) and cluster.stack.kubernetes.stores in MADE_HERE.get(store.kind, set()):
        yield from _made(cluster, secret, name)


def _fetched(
    cluster: Cluster, name: str, manager: str, prop: str, key: str, secret: Secret, *, owner: str | None = None
) -> Object:
    annotations = {"fairlead.dev/rotate": span(secret.rotate)} if secret.rotate else {}
    if secret.description:
        annotations["fairlead.dev/description"] = secret.description
    said = {"property": prop} if prop != manager else {}
    spec = {
        "refreshInterval": REFRESH,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": cluster.stack.kubernetes.secret_store},
        "target": {"name": name, "creationPolicy": "Owner"},
        "data": [{"secretKey": key, "remoteRef": {"key": _in_manager(cluster, manager), **said}}],
    }
    return cluster.object(API, "ExternalSecret", name, spec, owner=owner or name, annotations=annotations)


def _login(cluster: Cluster, host: str, login: Registry) -> Object:
    """In the form that the kubelet reads, made inside of the cluster around a token that stands nowhere here."""
    secret = cluster.stack.secrets[login.secret]
    found = _fetched(cluster, registry_secret(host), secret.manager or "", secret.key or login.secret, "token", secret)
    auths = json.dumps({"auths": {host: {"username": login.user, "password": "%"}}})
    found["spec"]["target"]["template"] = {
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": auths.replace('"%"', "{{ .token | toJson }}")},
    }
    return found


def _in_manager(cluster: Cluster, key: str) -> str:
    """As the manager of the stack's cloud takes it, and Terraform names it."""
    return manager_key(cluster.stack.cloud.provider if cluster.stack.cloud else None, key)


def _made(cluster: Cluster, secret: str, owner: str) -> Iterator[Object]:
    """A password made once, in the cluster, that nobody has seen."""
    rules = {"length": PASSWORD_LENGTH, "digits": 8, "symbols": 0, "noUpper": False, "allowRepeat": True}
    yield cluster.object(GENERATORS, "Password", secret, rules, owner=owner)
    reference = {"generatorRef": {"apiVersion": GENERATORS, "kind": "Password", "name": secret}}
    spec = {
        "refreshPolicy": "CreatedOnce",
        "target": {"name": secret, "creationPolicy": "Owner"},
        "dataFrom": [{"sourceRef": reference}],
    }
    yield cluster.object(API, "ExternalSecret", secret, spec, owner=owner)
