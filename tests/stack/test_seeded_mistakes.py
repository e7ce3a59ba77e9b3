"""Mistakes that schemas of Kubernetes and Compose let through, or that only a server sees: each is refused at load.

The list is that of a measurement: 65 mistakes were put into manifests and Compose files, a real API server refused
nearly all of the first, the schemas nine. A line names a mistake, the wrong file that makes it in a stack's words, and
the key that is told of it; its line number, message and hint stand beside that file in `wrong/`. What no stack file can
even say is `UNSAYABLE`. The files in `right/` come as near to a mistake as can be, and are right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.daemon import apps
from fairlead.stack.load import check_all

HERE = Path(__file__).parent
RIGHT = sorted((HERE / "right").glob("*.yaml"))
EXAMPLES = sorted((HERE.parents[1] / "examples").glob("*/fairlead.yaml"))
apps.heard()

SEEDED = {
    # names and labels
    "a name that is no DNS label": ("bad-name", "name"),
    "a volume's name in capitals": ("volume-name", "services.web.volumes.Data_1"),
    "a namespace that is too long": ("namespace-too-long", "environments.an-environment-with-quite-a-name"),
    "the cluster's own namespace": ("namespace-of-the-cluster", "kubernetes.namespace"),
    "a namespace called default": ("stack-called-default", "name"),
    "two Services of one name": ("service-names-of-others", "services.web-canary"),
    "two ServiceAccounts of one name": ("service-names-of-others", "services.deployer"),
    "a service and a store of one name": ("service-and-store", "stores.web"),
    "a label's value that is a sentence": ("labels", "services.web.labels.team"),
    "a label's value that is too long": ("labels", "services.web.labels.long"),
    "a label with the build of a version": ("label-names", "services.web.labels.version"),
    "a label's name that begins with a dash": ("label-names", "services.web.labels.-team"),
    "a label's prefix that is no domain": ("label-names", "services.web.labels..example.com/team"),
    "a selector that picks no pods": ("reserved-label", "labels.app.kubernetes.io/name"),
    # images
    "no image": ("two-origins", "services.api"),
    "an image without a tag": ("image-without-tag", "services.web.image"),
    "the tag latest": ("image-latest", "services.web.image"),
    "an image in capitals": ("image-latest", "services.api.image"),
    "an image with a space": ("image-latest", "services.job.image"),
    "a registry with a scheme": ("registry-with-scheme", "pipeline.registry"),
    "a login for a URL": ("image-names", "docker.registries.https://ghcr.io"),
    "a pull policy that there is not": ("bad-enums", "docker.pull"),
    # amounts
    "a quantity of another form": ("bad-size", "services.web.resources.memory.limit"),
    "a CPU of another form": ("bad-cpu", "services.web.resources.cpu.limit"),
    "a negative amount": ("negative-amounts", "services.web.resources.memory.request"),
    "more CPU asked for than allowed": ("request-over-limit", "services.web.resources.cpu.request"),
    "more memory asked for than allowed": ("request-over-limit", "services.web.resources.memory.request"),
    "less CPU than is counted": ("resources-too-small", "services.web.resources.cpu.limit"),
    "less memory than starts": ("resources-too-small", "services.web.resources.memory.limit"),
    "a volume of nothing": ("nothing-passes", "services.web.volumes.data.size"),
    "more accelerators than a machine has": ("accelerators", "services.web.resources.gpu"),
    # ports, probes, ways in
    "a port out of range": ("port-out-of-range", "services.web.ports.http.port"),
    "a port's name of 16 characters": ("port-name-too-long", "services.web.ports.a-very-long-port"),
    "a port's name with two dashes": ("port-name-dashes", "services.web.ports.my--port"),
    "two ports of one number": ("same-port-number", "services.web.ports.grpc"),
    "two ports of one name": ("duplicate-key", "services.web.command"),
    "a probe of a port that there is not": ("probe-port", "services.web.probes.readiness.http.port"),
    "a probe of two ways": ("probe-two-forms", "services.web.probes.readiness"),
    "a probe of no way": ("probe-of-nothing", "services.web.probes.readiness"),
    "a probe without a port": ("probe-without-port", "services.web.probes.readiness.http"),
    "a probe that speaks otherwise": ("probe-protocol", "services.web.probes.readiness.http"),
    "a probe that never fails": ("probe-counts", "services.web.probes.liveness.failures"),
    "a probe's header that is none": ("headers-of-probes", "services.web.probes.readiness.http.headers.X Probe"),
    "an entrance to a port that there is not": ("expose-metrics", "services.web.expose.0.port"),
    "a path that leads elsewhere": ("paths-elsewhere", "services.web.expose.1.path"),
    "an address as the host of an ingress": ("paths-elsewhere", "services.web.expose.3.host"),
    "one path that leads to two": ("expose-twice", "services.api.expose.0"),
    "the same host port twice": ("router-address", "router.https"),
    # volumes and variables
    "two mounts at one path": ("volume-paths", "services.web.volumes.c.path"),
    "a mount on a scratch directory": ("mounted-twice", "services.web.hardening.writable.1"),
    "a path that is not absolute": ("volume-paths", "services.web.volumes.a.path"),
    "a class of storage that there is not": ("bad-enums", "services.web.volumes.data.storage"),
    "a variable's name that is none": ("volume-name", "services.web.environment.A-B"),
    "a variable with two sources": ("variable-set-twice", "services.web.environment.PORT"),
    "a secret that is not declared": ("unknown-secret", "services.web.secrets.API"),
    "a missing variable of the environment": ("unset-variable", "services.web.environment.REGION"),
    # scale and releases
    "bounds that cross": ("scale-max-below-min", "services.hub.scale.max"),
    "an autoscaler that starts from nothing": ("scale-from-nothing", "services.web.scale.min"),
    "an autoscaler without a request": ("scale-targets-without-max", "services.web.scale.targets"),
    "a target of nothing": ("scale-targets-of-nothing", "services.web.scale.targets.cpu"),
    "a step that takes too long": ("scale-step-times", "services.web.scale.up.every"),
    "a look back that is too long": ("scale-step-times", "services.web.scale.down.stabilise"),
    "a fixed number beside an autoscaler": ("replicas-are-not-a-key", "services.web.replicas"),
    "a budget that lets nobody go": ("disruption-of-nothing", "services.web.scale.disruption"),
    "a budget of more than all": ("disruption", "services.web.scale.disruption"),
    "a rollout that can't move": ("surge-of-nothing", "services.web.release.surge"),
    "a strategy that there is not": ("bad-strategy", "services.web.release.strategy"),
    "two topology spreads alike": ("twice-in-a-list", "services.web.placement.spread.2"),
    "a schedule of another form": ("bad-cron", "services.web.schedule"),
    "a schedule that never comes": ("day-that-never-comes", "services.web.schedule"),
    # hardening, networks, dependencies
    "a capability that there is not": ("capability-unknown", "services.web.hardening.capabilities.0"),
    "a user that is none": ("user-too-large", "services.web.hardening.user"),
    "a signal that can't be caught": ("bad-enums", "services.web.stop.signal"),
    "a network with an address in it": ("network-with-host", "cloud.cidr"),
    "a network too wide for the cloud": ("networks", "cloud.cidr"),
    "a need of nobody": ("unknown-need", "services.web.needs.0"),
    "needs in a ring": ("needs-cycle", "services.web.needs.0"),
    "a profile that leaves a need out": ("needs-other-profile", "services.web.needs.0"),
    "an unknown key": ("unknown-key", "services.web.probs"),
    "a key of Compose": ("unknown-key-of-compose", "services.web.depends_on"),
    "a duration of another form": ("bad-duration", "services.web.probes.readiness.every"),
    # what the objects of operators refuse
    "a route without a slash": ("bad-path", "services.web.expose.0.path"),
    "a certificate without an issuer": ("https-without-certificate", "router.https"),
    "an objective of all": ("availability-of-all", "services.web.objectives.availability"),
    "a server of metrics that is no URL": ("urls", "kubernetes.prometheus"),
    "canary steps that fall": ("canary-steps", "services.web.release.canary.steps"),
    "a database's name with a dash": ("database-name", "stores.main.database"),
    "a version of a store that is none": ("database-name", "stores.main.version"),
    "a backup at no time": ("backup-times", "stores.db.backup"),
    "a schedule of backups that is none": ("backup-cron", "backup.at"),
    "mutual TLS without a mesh": ("mutual-tls", "mesh.mutual_tls"),
    "a receiver that there is not": ("unknown-channel", "watching.critical.0"),
}
"""Mistake -> the wrong file, and the key in it."""

UNSAYABLE = {
    "a mount of a volume that is not declared": "mounts are made of `volumes`",
    "two sources of one volume": "mounts are made of `volumes`",
    "a variable with a value and a source": "`environment` has values, `secrets` have sources, and no name is in both",
    "a wrong fieldPath": "no field of a pod is read",
    "Recreate with rolling steps": "`release.strategy` is one word",
    "a disruption budget with two bounds": "`scale.disruption` is one number",
    "a key of a ConfigMap that is none": "the one key is a file's name of our own",
    "a Service of several ports without names": "ports are declared by their names",
    "wrong policyTypes, restartPolicy or type of a Service": "they are written by the renderer",
    "a nonsense `restart:` or `user:` of Compose": "they are written by the renderer",
    "`service_healthy` of a service without a health check": "the renderer asks for the check that it has written",
    "replicas with a fixed host port": "only the entrance has ports of the machine",
    "a volume of one letter that reads as a drive": "volumes are called after their service too",
}
"""Mistake of the list -> why no stack file can make it; `tests/render/cluster_rules.py` looks at what is rendered."""


def told(name: str) -> list[str]:
    """The lines of a wrong file's problems, without hints."""
    return [line for line in (HERE / "wrong" / f"{name}.txt").read_text().splitlines() if line[:1].isdigit()]


def test_there_are_enough_seeded_mistakes() -> None:
    """Sixty at least, each a mistake of its own."""
    assert len(SEEDED) >= 60
    assert len(SEEDED) + len(UNSAYABLE) >= 65
    assert not SEEDED.keys() & UNSAYABLE.keys()


@pytest.mark.parametrize("mistake", SEEDED)
def test_a_seeded_mistake_is_told_at_its_key(mistake: str) -> None:
    """With its line; `test_wrong_files` holds every file to what is written beside it."""
    name, key = SEEDED[mistake]
    assert key in [line.split(": ", 2)[1] for line in told(name)]


@pytest.mark.parametrize("file", [*RIGHT, *EXAMPLES], ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_is_right_raises_nothing(file: Path) -> None:
    """Near misses, the five systems and the smallest example, in every environment."""
    assert [str(problem) for problem in check_all(file, {}).problems] == []
