"""Stores: databases, caches, queues, search and object storage that services need."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fairlead.stack.model.base import Cron, Duration, EnvName, Model, Name, Scalar, Size, Version
from fairlead.stack.model.objectives import Recovery
from fairlead.stack.model.resources import Resources


class Backup(Model):
    """What is saved, how often, where, and for how long."""

    every: Duration | None = None
    """Time between two backups."""

    at: Cron | None = None
    """Exact times, instead of `every`."""

    keep: Duration = 7 * 86400.0
    """How long a backup is kept."""

    where: str | None = None
    """A directory, or the URL of object storage (`s3://bucket/prefix`); beside the state folder when left out."""

    region: str | None = None
    """A second region that gets a copy."""

    encrypt: bool = True
    """Encrypt it with the stack's key."""

    point_in_time: bool = False
    """Keep the log of changes too, so that any moment can be restored (Postgres)."""


class Pooling(Model):
    """A connection pooler in front of a database."""

    mode: Literal["session", "transaction"] = "transaction"
    """How long a client holds a connection."""

    size: int = Field(default=20, ge=1)
    """Connections to the database."""


class Store(Model):
    """Something that keeps data for services."""

    kind: Literal["postgres", "redis", "kafka", "elasticsearch", "opensearch", "objects"]
    """What it is. `objects` is S3-compatible object storage."""

    version: Version | None = None
    """Major version; the newest one installed when left out."""

    external: str | None = None
    """Its URL, when somebody else runs it. A password in it is a secret: use `external_secret`."""

    external_secret: Name | None = None
    """The secret that holds its whole URL."""

    managed: bool = False
    """In a cloud: the provider's managed service rather than one in the cluster."""

    size: Size | None = None
    """Disk."""

    storage: Literal["ssd", "hdd"] = "ssd"
    """The class of storage."""

    replicas: int = Field(default=1, ge=1)
    """Servers (or brokers) in all; one machine runs one."""

    read_replicas: int = Field(default=0, ge=0)
    """Servers that only read."""

    resources: Resources = Resources()
    """What each server may use."""

    database: str = "app"
    """Postgres: the name of the database."""

    topics: list[Name] = Field(default_factory=list)
    """Kafka: topics that exist from the start."""

    settings: dict[str, Scalar] = Field(default_factory=dict)
    """Settings of the server's own configuration file."""

    env: EnvName | None = None
    """The variable that gives its URL to services that need it. Default: the store's name in capitals and `_URL`."""

    pooling: Pooling | None = None
    """A connection pooler in front."""

    backup: Backup | None = None
    """What is saved of it; the stack's own policy when left out."""

    recovery: Recovery = Recovery()
    """How much may be lost, and for how long."""

    versioning: bool = False
    """Objects: keep older versions."""

    expire: Duration | None = None
    """Objects and topics: delete after this time."""

    profiles: list[Name] = Field(default_factory=list)
    """Run only when one of these profiles is asked for."""


class Secret(Model):
    """Where a secret's value is found. Never the value itself. Exactly one of the four sources."""

    env: EnvName | None = None
    """A variable of the environment that `fairlead` runs in."""

    file: str | None = None
    """An env file (`NAME=value` lines), beside the stack file; kept out of version control."""

    encrypted: bool = False
    """The stack's encrypted file (`fairlead secrets set`)."""

    manager: str | None = None
    """The key in the cluster's or cloud's secret manager (External Secrets); not for one machine."""

    key: str | None = None
    """The name inside the file, or the property in the manager; the secret's own name when left out."""

    rotate: Duration | None = None
    """How often it should be replaced."""

    description: str = ""
    """What it is for."""
