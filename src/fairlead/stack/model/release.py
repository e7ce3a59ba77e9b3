"""How a new version of a service gets in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairlead.stack.model.base import Command, Duration, Model, Name, Percent
from fairlead.stack.model.objectives import Indicator


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

    warm_up: Duration = 30.0
    """Time after each shift that does not count."""

    deadline: Duration = 4 * 3600.0
    """How long it may take to a verdict."""

    at_deadline: Literal["hold", "roll back", "ask"] = "hold"
    """What is done when there is none by then."""

    indicators: dict[Name, Indicator] = Field(default_factory=dict)
    """Metrics of the service that are judged beside errors, latency and time to first byte."""


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
    """Settings of the canary strategy."""

    with_services: list[Name] = Field(default_factory=list, alias="with")
    """Services released together with this one, in this order, under one verdict."""

    keep_versions: int = Field(default=10, ge=1)
    """Versions kept to roll back to."""
