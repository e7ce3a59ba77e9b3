"""The whole of a stack file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from fairlead.stack.model.base import Model, Name
from fairlead.stack.model.docker import Docker
from fairlead.stack.model.network import RouterSettings
from fairlead.stack.model.objectives import Objectives, Recovery
from fairlead.stack.model.platform import Cloud, Kubernetes, Mesh, Pipeline, Security, Watching
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Backup, Secret, Store


class Stack(Model):
    """LLM services, what they need, and how they are run, released, watched and recovered."""

    fairlead: Literal[1] = 1
    """Version of the file format."""

    name: Name
    """Name of the stack."""

    description: str = ""
    """One sentence for people."""

    labels: dict[str, str] = Field(default_factory=dict)
    """Labels on everything (team, project)."""

    services: dict[Name, Service]
    """The programs."""

    stores: dict[Name, Store] = Field(default_factory=dict)
    """Databases, caches, queues, search and object storage."""

    secrets: dict[Name, Secret] = Field(default_factory=dict)
    """Where secret values are found."""

    runtime: Literal["process", "docker"] = "process"
    """What runs services that have a `command` and neither `image` nor `build`, and the stores: local processes, or
    containers (built from the service's `directory`). Services with an image always run in containers, and with them
    the stores that they need."""

    docker: Docker = Docker()
    """The Docker engine."""

    router: RouterSettings = RouterSettings()
    """The public entrance."""

    objectives: Objectives = Objectives()
    """Promises of the stack as a whole."""

    backup: Backup | None = None
    """The policy of stores that have none of their own."""

    cluster_backup: Backup | None = None
    """What is saved of the stack's own configuration, and of the cluster's objects where there is a cluster."""

    recovery: Recovery = Recovery()
    """How much may be lost, and for how long."""

    watching: Watching = Watching()
    """Metrics, logs, traces, dashboards and alerts."""

    mesh: Mesh = Mesh()
    """What holds between services."""

    security: Security = Security()
    """What holds for data at rest."""

    pipeline: Pipeline | None = None
    """Continuous integration."""

    cloud: Cloud | None = None
    """Where the cluster is."""

    kubernetes: Kubernetes = Kubernetes()
    """How the stack is put into a cluster."""

    environments: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    """Sparse overlays (`fairlead --env NAME`): any key of the stack, merged over it; `null` takes a key out."""
