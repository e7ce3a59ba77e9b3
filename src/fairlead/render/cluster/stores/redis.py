"""Redis: the first server takes writes, the others follow it; a disk keeps what the append-only file says."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster.addresses import credentials, of_secret
from fairlead.render.cluster.cluster import Cluster, Object
from fairlead.render.cluster.stores.servers import Server, count, servers
from fairlead.render.parts.surroundings import text
from fairlead.stack.model.store import Store

USUAL_VERSION = "7"
USER = 999
FIRST = "statefulset.kubernetes.io/pod-name"

START = """\
set -eu
first="{name}-0.{name}-headless"
follow=
[ "$(hostname)" = "{name}-0" ] || follow="--replicaof $first 6379 --masterauth $REDIS_PASSWORD"
exec redis-server /etc/fairlead/redis.conf --requirepass "$REDIS_PASSWORD" $follow
"""


def of(cluster: Cluster, name: str, store: Store) -> Iterator[Object]:
    """The servers, and an address for reading where there are several."""
    for found in servers(cluster, name, store, _server(cluster, name, store)):
        if found["kind"] == "Service" and found["metadata"]["name"] == name and count(store) > 1:
            everybody = {**found, "metadata": {**found["metadata"], "name": f"{name}-read"}}
            first = {**cluster.selector(name), FIRST: f"{name}-0"}
            yield {**found, "spec": {**found["spec"], "selector": first}}
            yield everybody
        else:
            yield found


def _server(cluster: Cluster, name: str, store: Store) -> Server:
    settings = {"appendonly": "yes", "dir": "/data", "protected-mode": "no"}
    settings |= {key: text(value) for key, value in store.settings.items()}
    ask = 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG'
    return Server(
        image=f"{cluster.stack.docker.images.get('redis', 'docker.io/library/redis')}:{store.version or USUAL_VERSION}",
        user=USER,
        data="/data",
        args=("sh", "/etc/fairlead/start.sh"),
        env=(of_secret("REDIS_PASSWORD", credentials(cluster, name, store), "password"),),
        probe={"exec": {"command": ["sh", "-c", ask]}},
        config={
            "redis.conf": "".join(f"{key} {value}\n" for key, value in settings.items()),
            "start.sh": START.format(name=name),
        },
    )
