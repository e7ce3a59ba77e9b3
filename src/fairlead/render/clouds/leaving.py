"""What Terraform has no words for: what runs in the cluster is another target's, and what only one machine has."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.target import Unsupported

CLUSTER = "it runs in the cluster: the kubernetes and helm targets render it"
WATCHED = "Prometheus, Grafana and Loki in the cluster do it: targets of their own render them"
ONE_MACHINE = "only one machine has it"
PROVIDER = "the provider chooses it for managed stores"

TOPICS = "services make their topics: a managed broker is reached from inside of the network only"

LEFT_OUT: dict[str, str] = {
    "fairlead": "the version of the file, not of what it says",
    "runtime": ONE_MACHINE,
    "docker": ONE_MACHINE,
    "services": CLUSTER,
    "router": CLUSTER,
    "mesh": CLUSTER,
    "objectives": WATCHED,
    "pipeline": "the github-actions target renders it",
    "kubernetes": CLUSTER,
    "description": CLUSTER,
    "watching.metrics_keep": WATCHED,
    "watching.remote_write": WATCHED,
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


def unsupported(site: Site) -> Iterator[Unsupported]:
    """What this very stack asks of the cloud, and no cloud has."""
    for name, store in site.stores("elasticsearch"):
        yield Unsupported(
            f"stores.{name}.kind", f"no cloud runs Elasticsearch {store.version or ''} itself".replace("  ", " ")
        )
