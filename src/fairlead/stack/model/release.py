"""How a new version of a service gets in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairlead.stack.model.base import Command, Duration, Model, Name, Percent, Rate
from fairlead.stack.model.objectives import Errors, Indicator, PrometheusServer, Slowness


class Hook(Model):
    """A command run at one moment of a release, in the surroundings of the new version."""

    command: Command
    """The command."""

    timeout: Duration = 300.0
    """How long it may take."""


class Migration(Model):
    """A change to stored data, with its way back."""

    up: Command
    """Run before the new version starts."""

    down: Command | None = None
    """Run when the release is taken back; without one, a migrated release is taken back in code only."""

    timeout: Duration = 600.0
    """How long each may take."""


class Hooks(Model):
    """Commands around a release. A failure ends it before any request moves (`before`) or takes it back (`after`)."""

    before: list[Hook] = Field(default_factory=list)
    """Run when the new version is ready, before any request reaches it."""

    after: list[Hook] = Field(default_factory=list)
    """Run when the new version holds all requests."""


class Canary(Model):
    """A release in small shares, judged at each."""

    steps: list[Annotated[Percent, Field(le=100)]] = Field(default_factory=lambda: [1.0, 5.0, 25.0, 50.0, 100.0])
    """Shares of the requests, rising."""

    pace: Duration = 120.0
    """Least time at each share before the next one; a verdict may come at any time."""

    warm_up: Duration = 30.0
    """Time after each shift that does not count."""

    deadline: Duration = 4 * 3600.0
    """How long it may take to a verdict."""

    at_deadline: Literal["hold", "roll back", "ask"] = "hold"
    """What is done when there is none by then. `hold` goes on judging at the present share; `ask` waits for
    `fairlead promote` or `fairlead abort`."""

    errors: Errors = Errors()
    """Failed requests."""

    latency: Slowness = Slowness()
    """Whole response times."""

    first_byte: Slowness = Slowness()
    """Times to the first byte of an answer."""

    prometheus: PrometheusServer | None = None
    """The server that indicators with `source: prometheus` are read from."""

    indicators: dict[Name, Indicator] = Field(default_factory=dict)
    """Metrics of the service that are judged beside errors, latency and time to first byte."""


Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]

SAFE: tuple[Method, ...] = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing, however often (RFC 9110, 9.2.1)."""


class Shadow(Model):
    """Copies of requests for the new version, whose answers nobody gets but the judge."""

    sample: Percent = Field(default=10.0, gt=0, le=100)
    """Part of the requests that is copied."""

    limit: Rate = (10, 1.0)
    """The most copies."""

    methods: list[Method] = Field(default_factory=lambda: list(SAFE))
    """Methods whose requests are copied. Others than the default do something twice: LLM calls are billed again."""

    pace: Duration = 300.0
    """Least time of copying; with nothing against the new version by then, `then` follows."""

    then: Literal["canary", "blue-green"] = "canary"
    """How the new version gets in after that."""


class ReleasePolicy(Model):
    """How a new version gets in, how it is watched, and how long the way back stays open."""

    strategy: Literal["recreate", "rolling", "blue-green", "canary", "shadow"] = "blue-green"
    """The strategy, when `fairlead deploy --strategy` names no other."""

    watch: Duration = 10.0
    """How long the new version is watched with all requests before the release counts as done."""

    keep_warm: Duration = 300.0
    """How long the previous version is kept running without requests, so that a rollback is one router change."""

    drain: Duration = 30.0
    """How long streams under way may go on when their instance is to stop."""

    ready_within: Duration = 120.0
    """How long all new instances together may take to become ready."""

    surge: int = Field(default=1, ge=1)
    """Rolling: how many instances more than wanted there may be."""

    hooks: Hooks = Hooks()
    """Commands around a release."""

    migrate: Migration | None = None
    """A change to stored data that this version needs."""

    canary: Canary = Canary()
    """Settings of the canary strategy, and of how any new version is judged."""

    shadow: Shadow = Shadow()
    """Settings of the shadow strategy."""

    with_services: list[Name] = Field(default_factory=list, alias="with")
    """Services released together with this one, in this order, under one verdict."""

    keep_versions: int = Field(default=10, ge=1)
    """Versions kept to roll back to."""
