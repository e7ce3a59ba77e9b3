"""What Compose has no words for: what only a cluster, an engine of ours or another target has."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.target import Unsupported
from fairlead.render.targets.compose.health import chosen
from fairlead.stack.model import Stack
from fairlead.stack.model.objectives import Indicator
from fairlead.stack.model.platform import Cloud, Pipeline
from fairlead.stack.model.release import Canary, ReleasePolicy

CLUSTER = "only a cluster has it"
RELEASES = "Compose replaces containers by itself; `fairlead deploy` and a cluster release in steps"
ENGINE = "the Docker engine decides how soon and how often it starts a container again"
DISK = "volumes of one machine share its disk"
ONE = "one machine runs one server of each store"
SAVED = "the scripts and `fairlead backup` save data"
ELSEWHERE = "another target renders it"
PEOPLE = "is for people and runbooks, which another target renders"

LEFT_OUT: dict[str, str] = {
    "fairlead": "the version of the file, not of what it says",
    "description": PEOPLE,
    "runtime": "everything runs in a container",
    "objectives.availability": "an alert needs a service that it is about",
    "recovery": PEOPLE,
    "backup": SAVED,
    "cluster_backup": CLUSTER,
    "security": "the disks of this machine are its owner's matter",
    **{f"cloud.{key}": ELSEWHERE for key in Cloud.model_fields if key != "domain"},
    "kubernetes": CLUSTER,
    **{f"pipeline.{key}": ELSEWHERE for key in Pipeline.model_fields if key != "registry"},
    "mesh.kind": CLUSTER,
    "mesh.mutual_tls": "networks of one machine are not left; each service has one of its own",
    "docker.host": "`DOCKER_HOST` or `docker context` says it",
    "docker.registries": "`docker login` knows them",
    "router.load_balancer": CLUSTER,
    "router.ingress_class": CLUSTER,
    "router.gateway": CLUSTER,
    "router.tls.issuer": "one machine has no issuer: put the certificate and its key into secrets/",
    "services.*.snapshot": "an image is the copy",
    "services.*.ignore": "the docker target renders a .dockerignore",
    "services.*.schedule": "Compose has no clock: a timer runs `docker compose run --rm NAME`",
    "services.*.resources.disk": DISK,
    "services.*.volumes.*.size": DISK,
    "services.*.volumes.*.storage": DISK,
    "services.*.volumes.*.backup": SAVED,
    "services.*.scale.max": "Compose has no autoscaler; `docker compose up --scale NAME=5` is one by hand",
    "services.*.scale.targets": "Compose has no autoscaler",
    "services.*.scale.up": "Compose has no autoscaler",
    "services.*.scale.down": "Compose has no autoscaler",
    "services.*.scale.vertical": CLUSTER,
    "services.*.scale.disruption": CLUSTER,
    "services.*.traffic.sticky": "there is one version at a time",
    "services.*.traffic.sticky_header": "there is one version at a time",
    "services.*.expose.*.example": "`fairlead up` prints it",
    "services.*.expose.*.example_body": "`fairlead up` prints it",
    **{f"services.*.release.{field.alias or key}": RELEASES
       for key, field in ReleasePolicy.model_fields.items() if key not in ("migrate", "canary")},
    **{f"services.*.release.canary.{key}": RELEASES for key in Canary.model_fields if key != "indicators"},
    **{f"services.*.release.canary.indicators.*.{key}": RELEASES for key in Indicator.model_fields},
    "services.*.release.migrate.down": "`fairlead rollback` takes data back",
    "services.*.release.migrate.timeout": "Compose waits without a limit",
    "services.*.restart": ENGINE,
    "services.*.placement": "there is one machine",
    "services.*.hardening.jit": "a container is not asked",
    "services.*.probes.startup.grpc.service": "Compose asks by a connection",
    "services.*.probes.readiness.grpc.service": "Compose asks by a connection",
    "services.*.probes.liveness.grpc.service": "Compose asks by a connection",
    "services.*.probes.readiness.successes": "one success is enough",
    "stores.*.size": DISK,
    "stores.*.storage": DISK,
    "stores.*.resources.disk": DISK,
    "stores.*.replicas": ONE,
    "stores.*.read_replicas": ONE,
    "stores.*.pooling": ONE,
    "stores.*.backup": SAVED,
    "stores.*.recovery": PEOPLE,
    "stores.*.versioning": "is a setting of the bucket: `mc version enable`",
}  # fmt: skip
"""Pattern -> why."""


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """What this very stack asks for and can't have."""
    for name, service in stack.services.items():
        asked = chosen(service)
        for kind in ("startup", "readiness", "liveness"):
            probe = getattr(service.probes, kind)
            if probe is None or asked is None or asked[0] == kind:
                continue
            for key in sorted(probe.model_fields_set):
                if (kind, key) != ("startup", "within"):
                    why = f"Compose asks one question of a container, which is `{asked[0]}`"
                    yield Unsupported(f"services.{name}.probes.{kind}.{key}", why)
