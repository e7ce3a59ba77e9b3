"""What Terraform has no words for: what runs in the cluster is another target's, and what only one machine has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.render.clouds.site import BUCKETS, Site
from fairlead.render.leaves import left_out
from fairlead.render.target import Unsupported
from fairlead.stack.check.stores import backups
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Kubernetes
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Store

CLUSTER = "it runs in the cluster: the kubernetes and helm targets render it"
WATCHED = "Prometheus, Grafana and Loki in the cluster do it: targets of their own render them"
ONE_MACHINE = "only one machine has it"
PROVIDER = "the provider chooses it for managed stores"

TOPICS = "services make their topics: a managed broker is reached from inside of the network only"

KEYS = [field.alias or name for name, field in Service.model_fields.items()]
"""Of a service, as the file says them."""

GIVES_RIGHTS = ("objects", "kafka")
"""Kinds of managed stores whose services have rights of their own in the cloud."""

LEFT_OUT: dict[str, str] = {
    "fairlead": "the version of the file, not of what it says",
    "runtime": ONE_MACHINE,
    "docker": ONE_MACHINE,
    **{f"services.*.{key}": CLUSTER for key in KEYS if key != "needs"},
    "services.*.needs.*.condition": CLUSTER,
    "services.*.needs.*.env": CLUSTER,
    "services.*.needs.*.port": CLUSTER,
    "router": CLUSTER,
    "mesh": CLUSTER,
    "objectives": WATCHED,
    "pipeline": "the github-actions target renders it",
    **{f"kubernetes.{key}": CLUSTER for key in Kubernetes.model_fields if key != "namespace"},
    "description": CLUSTER,
    "watching.metrics_keep": WATCHED,
    "watching.remote_write": WATCHED,
    "watching.runbooks": WATCHED,
    "watching.traces": WATCHED,
    "watching.trace_share": WATCHED,
    "watching.dashboards": WATCHED,
    "watching.node_metrics": WATCHED,
    "watching.alerts": WATCHED,
    "watching.channels.*.escalate_to": "the pager or Alertmanager escalates",
    "watching.channels.*.escalate_after": "the pager or Alertmanager escalates",
    "watching.channels.*.secret": "whoever applies gives its value as a variable",
    "security.encrypt_at_rest": "in these clouds it always is",
    "security.frameworks": "the runbooks name what they ask for",
    "secrets.*.env": ONE_MACHINE,
    "secrets.*.file": ONE_MACHINE,
    "secrets.*.encrypted": ONE_MACHINE,
    "secrets.*.key": "a property inside of the secret: whoever puts its value in writes it",
    "recovery.rpo": "`fairlead drill` and the alerts hold it",
    "recovery.rto": "`fairlead drill` and the alerts hold it",
    "recovery.mttr": "`fairlead drill` and the alerts hold it",
    "recovery.drill": "the runbooks and `fairlead drill` hold it",
    "backup.encrypt": "in these clouds it always is",
    "cluster_backup.encrypt": "in these clouds it always is",
    "cluster_backup.point_in_time": "a cluster's objects have no log of changes",
    "cluster_backup.every": "Velero saves them: the kubernetes target renders its schedule",
    "cluster_backup.at": "Velero saves them: the kubernetes target renders its schedule",
    "stores.*.backup.encrypt": "in these clouds it always is",
    "stores.*.recovery": "`fairlead drill` and the alerts hold it",
    "stores.*.env": CLUSTER,
    "stores.*.external": "somebody else runs it",
    "stores.*.external_secret": "somebody else runs it",
    "stores.*.profiles": ONE_MACHINE,
    "stores.*.resources.cpu.limit": PROVIDER,
    "stores.*.resources.memory.limit": PROVIDER,
    "stores.*.resources.disk": PROVIDER,
    "stores.*.resources.gpu": PROVIDER,
    "stores.*.resources.processes": PROVIDER,
    "stores.*.resources.open_files": PROVIDER,
}
"""Pattern -> why, in every cloud."""


TIMES = ("every", "at", "point_in_time")
SAVED = "the cluster saves it: Velero, and the operators of stores"

SAID_OF_ANY = {"kind", "managed", "external", "external_secret", "backup"}
"""Keys of a store that matter also where the cloud does not run it."""


def needless(stack: Stack) -> Iterator[Unsupported]:
    """Where no service needs what gives it rights in the cloud, who needs what is the cluster's matter."""
    giving = {name for name, store in stack.stores.items() if store.managed and store.kind in GIVES_RIGHTS}
    if not any(need.name in giving for service in stack.services.values() for need in service.needs):
        yield Unsupported("services.*.needs", CLUSTER)


def in_cluster(stack: Stack) -> Iterator[Unsupported]:
    """Of stores that the cloud does not run, only the backups matter here."""
    for name, store in stack.stores.items():
        if not store.managed or store.external or store.external_secret:
            keys = Store.model_fields.keys() - SAID_OF_ANY
            yield from left_out(stack, {f"stores.{name}.{key}": CLUSTER for key in sorted(keys)})


def times(stack: Stack, used: Mapping[str, frozenset[str]]) -> Iterator[Unsupported]:
    """When backups are made: what a cloud uses of it, by kind of managed store; the rest is the cluster's."""
    left: dict[str, str] = {}
    shared: set[str] = set()
    for name, store in stack.stores.items():
        mine = used.get(store.kind, frozenset()) if store.managed else frozenset()
        left |= {f"stores.{name}.backup.{key}": SAVED for key in TIMES if key not in mine}
        shared |= mine if store.backup is None else frozenset()
    left |= {f"backup.{key}": SAVED for key in TIMES if key not in shared}
    if stack.cluster_backup and not stack.cluster_backup.where:
        left["cluster_backup.keep"] = SAVED
    yield from left_out(stack, left)


def places(stack: Stack) -> Iterator[Unsupported]:
    """Where backups are put into what nobody makes here."""
    why = f"buckets are made for {', '.join(f'`{scheme}…`' for scheme in BUCKETS)}: what else is named is there already"
    for key, policy in backups(stack):
        if policy.where and not policy.where.startswith(BUCKETS):
            yield Unsupported(".".join(str(part) for part in (*key, "where")), why)


def second_region(stack: Stack, why: str) -> Iterator[Unsupported]:
    """Where the name of the region that copies go to says nothing."""
    patterns = ("backup.region", "stores.*.backup.region", "cluster_backup.region", "recovery.failover_region")
    yield from left_out(stack, dict.fromkeys(patterns, why))


def unsupported(site: Site) -> Iterator[Unsupported]:
    """What this very stack asks of the cloud, and no cloud has."""
    for name, store in site.stores("elasticsearch"):
        yield Unsupported(
            f"stores.{name}.kind", f"no cloud runs Elasticsearch {store.version or ''} itself".replace("  ", " ")
        )
