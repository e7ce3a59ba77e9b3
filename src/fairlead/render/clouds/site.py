"""One environment of a stack in one region of one cloud: the names, tags and choices that all its resources share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from fairlead.render.cluster.cluster import Cluster
from fairlead.render.target import Scene, Unsupported
from fairlead.stack.model import Stack
from fairlead.stack.model.platform import Cloud, NodeGroup
from fairlead.stack.model.store import Backup, Secret, Store

ALONE = "main"
"""The folder of a stack without environments."""

DAY_S = 86400
GIB = 1024**3
MOST_IN_A_NAME = 30
BUCKETS = ("s3://", "gs://", "az://")
"""Places of backups that are made here: a whole URL (`https://…`) names what is there already."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds in a cloud where a stack names none."""

    provider: Literal["aws", "gcp", "azure"]
    region: str
    machine: str

    def cloud(self) -> Cloud:
        """Two to four machines in three zones."""
        nodes = {"general": NodeGroup(machine=self.machine, min=2, max=4)}
        return Cloud.model_construct(provider=self.provider, region=self.region, nodes=nodes)


@dataclass(frozen=True, slots=True)
class Site:
    """The folder of one root module. The first region has the stores that write; a further one reads from them."""

    scene: Scene
    cloud: Cloud
    region: str

    @property
    def stack(self) -> Stack:
        """As the environment sees it."""
        return self.scene.stack

    @property
    def environment(self) -> str:
        """Its name; `main` for a stack without environments."""
        return self.scene.environment or ALONE

    @property
    def is_first(self) -> bool:
        """Whether the stores that write are here, and what there is once for all regions."""
        return self.region == self.cloud.region

    @property
    def folder(self) -> str:
        """Where its files are."""
        return self.environment if self.is_first else f"{self.environment}-{self.region}"

    @property
    def namespace(self) -> str:
        """The namespace of the cluster that the services are in; the prefix of secrets."""
        return Cluster(self.scene).namespace

    @property
    def name(self) -> str:
        """What resources are called; short enough for all that is put behind it."""
        parts = [self.stack.name, *([self.scene.environment] if self.scene.environment else [])]
        return "-".join(parts)[:MOST_IN_A_NAME].rstrip("-")

    @property
    def tags(self) -> dict[str, str]:
        """On everything: the stack's labels, the cloud's tags, and whose it is."""
        return {**self.stack.labels, **self.cloud.tags, "stack": self.stack.name, "environment": self.environment}

    @property
    def elsewhere(self) -> str | None:
        """The region that copies go to, and that takes over."""
        policies = [policy for _, policy in self.policies() if policy.region]
        found = self.stack.recovery.failover_region or (policies[0].region if policies else None)
        return found if found != self.region else None

    def stores(self, *kinds: str) -> Iterator[tuple[str, Store]]:
        """Those that the cloud runs."""
        for name, store in self.stack.stores.items():
            if store.managed and not store.external and not store.external_secret and store.kind in kinds:
                yield name, store

    def has(self, *kinds: str) -> bool:
        """Whether the cloud runs any of these kinds."""
        return any(True for _ in self.stores(*kinds))

    def policy(self, store: Store) -> Backup | None:
        """How a store is saved."""
        return store.backup or self.stack.backup

    def policies(self) -> Iterator[tuple[str, Backup]]:
        """Every policy of this stack, with whose it is."""
        for name, store in self.stack.stores.items():
            if policy := self.policy(store):
                yield name, policy
        if self.stack.cluster_backup:
            yield "cluster", self.stack.cluster_backup
        if self.stack.backup and not self.stack.stores:
            yield "volumes", self.stack.backup

    def backup_buckets(self) -> dict[str, dict[str, float]]:
        """Buckets that backups are put into -> what they begin with there -> the longest time that is kept, seconds."""
        found: dict[str, dict[str, float]] = {}
        for _, policy in self.policies():
            if policy.where and policy.where.startswith(BUCKETS):
                bucket, _, prefix = policy.where.partition("://")[2].partition("/")
                kept = found.setdefault(bucket, {})
                kept[prefix] = max(kept.get(prefix, 0.0), policy.keep)
        return found

    def needing(self, store: str) -> list[str]:
        """The services that need a store."""
        services = self.stack.services.items()
        return [name for name, service in services if any(need.name == store for need in service.needs)]

    def managed_secrets(self) -> dict[str, Secret]:
        """Secrets that a manager holds, by their key in it, each once."""
        found = {secret.manager: secret for secret in self.stack.secrets.values() if secret.manager}
        return {key.strip("/"): secret for key, secret in found.items()}


def sites(scene: Scene, usual: Usual) -> Iterator[Site | Unsupported]:
    """The root modules of a provider; what is in another cloud is named as left out."""
    stacks = scene.environments if scene.environment is None else {scene.environment: scene.stack}
    clouded = any(stack.cloud for stack in (scene.stack, *scene.environments.values()))
    for environment, stack in stacks.items() or [(None, scene.stack)]:
        where = f"environments.{environment}.cloud" if environment else "cloud"
        cloud = stack.cloud or (None if clouded else usual.cloud())
        if cloud is None:
            yield Unsupported(where, f"{environment} is in no cloud")
        elif cloud.provider != usual.provider:
            yield Unsupported(f"{where}.provider", f"it is {cloud.provider}: render terraform-{cloud.provider}")
        else:
            there = replace(scene, stack=stack, environment=environment)
            yield from (Site(there, cloud, region) for region in dict.fromkeys([cloud.region, *cloud.regions]))


def days(duration_s: float, *, least: int = 1, most: int = 3650) -> int:
    """Whole days, within what a provider takes."""
    return min(most, max(least, round(duration_s / DAY_S)))


def gib(store: Store, usual: int) -> int:
    """The disk of a store."""
    return max(1, -(-store.size // GIB)) if store.size else usual


def snake(name: str) -> str:
    """A name as Terraform's own names are written."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
