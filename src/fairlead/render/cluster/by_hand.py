"""Secrets that no manager holds: the commands that put them in, by where the stack finds them. No value is known."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from fairlead.render.cluster.addresses import credentials
from fairlead.render.cluster.cluster import Cluster
from fairlead.render.cluster.config import registry_secret, used
from fairlead.stack.model.store import Secret


def commands(cluster: Cluster) -> Iterator[str]:
    """A command for each of them; none where a manager holds all."""
    for name, secret in used(cluster).items():
        if not secret.manager:
            yield _generic(cluster, name, name, secret, "value")
    for name, store in cluster.stack.stores.items():
        if store.external_secret and not (secret := cluster.stack.secrets[store.external_secret]).manager:
            yield _generic(cluster, credentials(cluster, name, store), store.external_secret, secret, "url")
    for host, login in cluster.stack.docker.registries.items():
        secret = cluster.stack.secrets[login.secret]
        if not secret.manager:
            made = f"kubectl -n {cluster.namespace} create secret docker-registry {registry_secret(host)}"
            user = f"--docker-server={shlex.quote(host)} --docker-username={shlex.quote(login.user)}"
            yield f'{made} {user} --docker-password="$({_shown(login.secret, secret)})"'


def _generic(cluster: Cluster, called: str, name: str, secret: Secret, key: str) -> str:
    put = f"kubectl -n {cluster.namespace} create secret generic {called} --from-file={key}=/dev/stdin"
    return f"{_shown(name, secret)} | {put}"


def _shown(name: str, secret: Secret) -> str:
    """What prints the value where `fairlead` finds it."""
    if secret.env:
        return f'printf %s "${secret.env}"'
    if secret.file:
        return f"sed -n 's/^{secret.key or name}=//p' {shlex.quote(secret.file)} | tr -d '\\n'"
    return f"read -rs -p '{secret.key or name}, as `fairlead secrets edit` shows it: ' value; printf %s \"$value\""
