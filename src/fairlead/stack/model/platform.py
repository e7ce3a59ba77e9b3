"""What surrounds the services: cloud, pipeline, watching and mesh. The engine on one machine needs none of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fairlead.stack.model.base import Duration, Model, Money, Name, Percent, Size, Threshold, Version
from fairlead.stack.model.objectives import Channel


class NodeGroup(Model):
    """Machines of one kind in a cluster."""

    machine: str
    """The provider's name for the kind of machine."""

    min: int = Field(default=1, ge=0)
    """At least."""

    max: int = Field(default=3, ge=1)
    """At most."""

    spot: bool = False
    """Capacity that can be taken away, for less money."""

    gpu: int = Field(default=0, ge=0)
    """Accelerators in each."""

    disk: Size | None = None
    """Disk of each."""


class Cloud(Model):
    """Where the cluster and the managed stores are."""

    provider: Literal["aws", "gcp", "azure"]
    """The cloud."""

    region: str
    """The region."""

    regions: list[str] = Field(default_factory=list)
    """Further regions that serve at the same time."""

    zones: int = Field(default=3, ge=1, le=6)
    """Availability zones the network spans."""

    cidr: str = "10.0.0.0/16"
    """Addresses of the network."""

    kubernetes: Version | None = None
    """Version of the managed cluster."""

    nodes: dict[Name, NodeGroup] = Field(default_factory=dict)
    """Node groups."""

    domain: str | None = None
    """The DNS zone."""

    cdn: bool = False
    """Serve static files through a content delivery network."""

    waf: bool = False
    """A web application firewall in front."""

    ddos_protection: bool = False
    """The provider's protection against floods."""

    tags: dict[str, str] = Field(default_factory=dict)
    """Tags on everything (team, project, cost centre)."""

    budget: Money | None = None
    """Monthly cost it should stay under."""


class Mesh(Model):
    """What holds between services."""

    kind: Literal["none", "istio"] = "none"
    """The mesh, if any."""

    mutual_tls: bool = False
    """Services prove to each other who they are."""

    default_deny: bool = True
    """Only what `needs` says may connect."""


class Pipeline(Model):
    """What continuous integration does."""

    forge: Literal["github"] = "github"
    """Where it runs."""

    registry: str | None = None
    """Where images are pushed."""

    languages: dict[Literal["python", "node", "go", "rust"], list[str]] = Field(default_factory=dict)
    """Versions that the tests run on."""

    systems: list[Literal["linux", "macos", "windows"]] = Field(default=["linux"])
    """Operating systems that builds run on."""

    platforms: list[str] = Field(default_factory=lambda: ["linux/amd64"])
    """What images and binaries are built for."""

    commands: dict[Literal["build", "lint", "types", "format", "test", "integration", "api", "e2e", "load"], str] = (
        Field(default_factory=dict)
    )
    """The project's own commands for each stage."""

    services: list[Literal["postgres", "redis", "kafka"]] = Field(default_factory=list)
    """Stores that the tests need."""

    coverage: Percent | None = Field(default=None, le=100)
    """Coverage that is asked for."""

    publish: list[Literal["pypi", "npm", "crates", "images", "binaries", "chart"]] = Field(default_factory=list)
    """What a version tag publishes."""

    branches: dict[Name, str] = Field(default_factory=dict)
    """Environment -> the branch that deploys to it."""

    approve: list[Name] = Field(default_factory=list)
    """Environments that a person has to approve."""

    security: list[Literal["dependencies", "code", "secrets", "licences", "images", "review"]] = Field(
        default_factory=list
    )
    """Security checks, daily and on every change; findings as SARIF."""

    notify: list[Name] = Field(default_factory=list)
    """Channels of `watching` told about deployments."""


class Alert(Model):
    """A condition that somebody is told about."""

    metric: str
    """What is compared: an indicator's name (`errors`, `latency-p95`, `memory`, `disk`, `down`, …) or an expression."""

    above: Threshold | None = None
    """Tell when it is above: a part (`1%`) for ratios, a duration (`500ms`) for times, else a number."""

    below: Threshold | None = None
    """Tell when it is below."""

    lasting: Duration = 300.0
    """For this long."""

    severity: Literal["critical", "warning"] = "warning"
    """Critical pages; warning goes to chat."""

    service: Name | None = None
    """Only for this service; every one when left out."""


class Watching(Model):
    """Metrics, logs, traces, dashboards and alerts."""

    metrics_keep: Duration = 30 * 86400.0
    """How long metrics are kept."""

    logs_keep: Duration = 30 * 86400.0
    """How long logs are kept."""

    remote_write: str | None = None
    """URL that metrics are also written to."""

    traces: Literal["none", "tempo", "jaeger", "otlp"] = "none"
    """Where traces go."""

    trace_share: Percent = Field(default=10.0, le=100)
    """Part of the requests traced."""

    dashboards: list[Literal["services", "infrastructure", "database", "cache", "queue", "business", "optimizer"]] = (
        Field(default_factory=list)
    )
    """Dashboards made."""

    alerts: dict[Name, Alert] = Field(default_factory=dict)
    """Alerts beside those made from objectives."""

    channels: dict[Name, Channel] = Field(default_factory=dict)
    """Where alerts go."""

    critical: list[Name] = Field(default_factory=list)
    """Channels of critical alerts."""

    warning: list[Name] = Field(default_factory=list)
    """Channels of warnings."""

    node_metrics: bool = False
    """Watch the machines too."""

    runbooks: str | None = None
    """Address that the rendered runbooks are published under, which alerts link to; else links are relative."""


class Security(Model):
    """What holds for data at rest and for people who ask."""

    encrypt_at_rest: bool = False
    """Disks, databases and objects are encrypted."""

    key_service: bool = False
    """With keys of the cloud's key service, rotated."""

    frameworks: list[Literal["soc2", "gdpr"]] = Field(default_factory=list)
    """Rules whose needs the runbooks and settings name."""

    private_nodes: bool = True
    """Machines have no public address."""


class Kubernetes(Model):
    """How the stack is put into a cluster, where there is a choice."""

    namespace: Name | None = None
    """The namespace. Default: the stack's name, with the environment's behind a dash."""

    stores: Literal["operators", "plain"] = "operators"
    """Whether stores are objects of their operators (CloudNativePG, Strimzi, ECK) or StatefulSets of one server."""

    rollouts: Literal["argo", "plain"] = "argo"
    """Whether canary and blue-green releases are Argo Rollouts, or every release is the cluster's own rolling one."""

    autoscaler: Literal["hpa", "keda"] = "hpa"
    """Who scales: the cluster's own autoscaler, or KEDA, which reads its targets from Prometheus."""

    secret_store: Name = "cluster"  # noqa: S105 - the name of an object
    """The ClusterSecretStore of External Secrets that secrets with a `manager` are read from."""

    ssd: str | None = None
    """The storage class of `storage: ssd`; the cluster's default when left out."""

    hdd: str | None = None
    """The storage class of `storage: hdd`; the cluster's default when left out."""

    prometheus: str = "http://prometheus-operated.monitoring.svc:9090"
    """The Prometheus server of the cluster, which judges releases and scales."""

    monitors: bool = True
    """Whether objects of the Prometheus operator (what is scraped, the rules) are made."""
