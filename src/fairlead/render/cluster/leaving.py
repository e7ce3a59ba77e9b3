"""What a cluster has no words for: keys that hold for one machine only, or that somebody else there decides."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.cluster import places
from fairlead.render.cluster.addresses import is_outside
from fairlead.render.cluster.cluster import is_stateful
from fairlead.render.cluster.stores.servers import TOGETHER
from fairlead.render.parts.watching import silent
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Cloud, Pipeline

KUBELET = "the kubelet decides it for a whole machine"
JUDGE = "only `fairlead deploy` judges so; a cluster has the analysis of Argo Rollouts"
ELSEWHERE = "another target renders it"
PEOPLE = "is for people and runbooks, which another target renders"
MACHINE = "is for the entrance of one machine"
CONTINUOUS = "CloudNativePG always keeps the log of changes, and other stores keep none"

LEFT_OUT: dict[str, str] = {
    "fairlead": "the version of the file, not of what it says",
    "runtime": "the cluster is the runtime",
    "docker.images.python": "is for images that are built",
    "docker.host": "the cluster has engines of its own",
    **{f"pipeline.{key}": ELSEWHERE for key in Pipeline.model_fields if key != "registry"},
    **{f"cloud.{key}": ELSEWHERE for key in Cloud.model_fields if key not in ("provider", "region")},
    "recovery": PEOPLE,
    "stores.*.recovery": PEOPLE,
    "security": "the cloud's disks, keys and machines are rendered by its own target",
    "router.address": MACHINE,
    "router.image": MACHINE,
    "router.tls.certificate": "left to the `issuer`",
    "router.tls.key": "left to the `issuer`",
    "watching.metrics_keep": ELSEWHERE,
    "watching.logs_keep": ELSEWHERE,
    "watching.remote_write": ELSEWHERE,
    "watching.traces": ELSEWHERE,
    "watching.trace_share": ELSEWHERE,
    "watching.dashboards": ELSEWHERE,
    "watching.channels": ELSEWHERE,
    "watching.critical": ELSEWHERE,
    "watching.warning": ELSEWHERE,
    "watching.node_metrics": ELSEWHERE,
    "backup.point_in_time": CONTINUOUS,
    "cluster_backup.point_in_time": CONTINUOUS,
    "stores.*.backup.point_in_time": CONTINUOUS,
    "stores.*.versioning": "the bucket's cloud keeps older versions",
    "stores.*.profiles": "nobody asks a cluster for profiles: what has some is left out",
    "services.*.profiles": "nobody asks a cluster for profiles: what has some is left out",
    "services.*.probes.startup.failures": "a start has the time of `within`, however often it is asked",
    "services.*.expose.*.example": "`fairlead up` prints it",
    "services.*.expose.*.example_body": "`fairlead up` prints it",
    "stores.*.resources.processes": KUBELET,
    "stores.*.resources.open_files": KUBELET,
    "services.*.resources.processes": KUBELET,
    "services.*.resources.open_files": KUBELET,
    "services.*.logs": KUBELET,
    "services.*.restart.backoff": KUBELET,
    "services.*.restart.backoff_max": KUBELET,
    "services.*.restart.stable": KUBELET,
    "services.*.stop.signal": "the image says it",
    "services.*.hardening.jit": "a cluster does not ask",
    "services.*.release.hooks": "hooks are run by `fairlead deploy`",
    "services.*.release.with": "the cluster releases one service at a time",
    "services.*.release.shadow": "the cluster copies no requests",
    "services.*.release.canary.deadline": JUDGE,
    "services.*.release.canary.at_deadline": JUDGE,
    "services.*.release.canary.indicators.*.source": JUDGE,
    "services.*.release.canary.prometheus": "the cluster's own server is `kubernetes.prometheus`",
    "services.*.release.migrate.down": "a cluster takes code back, not data",
    "services.*.release.migrate.timeout": "a cluster waits for init containers without a limit",
    "services.*.directory": "an image has it",
    "services.*.snapshot": "an image has it",
    "services.*.ignore": "an image has it",
    "services.*.build.context": "an image has it",
    "services.*.build.dockerfile": "an image has it",
    "services.*.build.target": "an image has it",
    "services.*.build.args": "an image has it",
    "services.*.build.language": "an image has it",
}
"""Pattern -> why."""

SAFE_CAPABILITIES = {"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"}


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """What this very stack asks for and can't have."""
    yield from silent.unsupported(stack)
    yield from places.unsupported(stack)
    for name, store in stack.stores.items():
        if stack.kubernetes.stores == "operators" and store.kind == "postgres" and store.backup and store.backup.region:
            why = "the bucket is copied to another region by its cloud"
            yield Unsupported(f"stores.{name}.backup.region", why)
        plain = stack.kubernetes.stores == "plain" or store.kind == "objects"
        if plain and not is_outside(store) and store.kind not in TOGETHER:
            why = "several plain servers of this kind would know nothing of one another: it is one"
            several = {"replicas": store.replicas > 1, "read_replicas": store.read_replicas > 0}
            yield from (Unsupported(f"stores.{name}.{key}", why) for key, said in several.items() if said)
    for name, service in stack.services.items():
        if refused := sorted(set(service.hardening.capabilities) - SAFE_CAPABILITIES):
            why = f"Pod Security `restricted` refuses {', '.join(refused)}"
            yield Unsupported(f"services.{name}.hardening.capabilities", why)
        led = service.release.strategy in ("canary", "blue-green", "shadow")
        if is_stateful(service) and led:
            why = "instances with disks of their own are replaced one after the other"
            yield Unsupported(f"services.{name}.release.strategy", why)
        elif led and not service.ports and "strategy" in service.release.model_fields_set:
            why = "without ports there are no requests to lead: instances are replaced one after the other"
            yield Unsupported(f"services.{name}.release.strategy", why)
