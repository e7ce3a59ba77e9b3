"""The Docker engine that containers of this stack run on, and where their images come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from fairlead.stack.model.base import Model, Name


class Registry(Model):
    """How to log in to a registry of images."""

    user: str
    """The user name."""

    secret: Name
    """The secret that holds the password or token."""


class Docker(Model):
    """The Docker engine and the images."""

    host: str | None = None
    """Its socket (`unix:///var/run/docker.sock`); the one of `DOCKER_HOST` or the usual place when left out."""

    pull: Literal["missing", "always", "never"] = "missing"
    """When images are fetched: only those that are not here, at each release, or not at all."""

    registries: dict[str, Registry] = Field(default_factory=dict)
    """Logins by the host of the registry (`ghcr.io`). Without one, that of `docker login` is used."""

    images: dict[str, str] = Field(default_factory=dict)
    """Images of stores and of base images by their usual names, to take others (`postgres: my.registry/postgres`)."""
