"""The project that a Compose file describes: what its parts share, and text that Compose is not to interpret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairlead.dockerfile import Recipe, Subject, recipe
from fairlead.errors import RuntimeFailure
from fairlead.render.parts.images import is_built
from fairlead.render.target import Scene
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Need, Service
from fairlead.stack.model.store import Store

Data = dict[str, Any]

FRONT = "front"
OUTSIDE = "outside"
VOLUMES = "volume-owner"
SECRETS = "/run/secrets"
SHELLS = ("python", "node", "wget")


class Asked(str):
    """Text with variables that Compose is to put in; in all other text a `$` is only a `$`."""

    __slots__ = ()


def literal(value: Any) -> Any:
    """Data as Compose has to read it to get this data."""
    if isinstance(value, Asked):
        return str(value)
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list | tuple):
        return [literal(one) for one in value]
    if isinstance(value, dict):
        return {key: literal(one) for key, one in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class Project:
    """One environment of the stack on one machine."""

    scene: Scene

    @property
    def stack(self) -> Stack:
        """As the environment sees it."""
        return self.scene.stack

    @property
    def name(self) -> str:
        """What containers, networks and volumes are called after."""
        return "-".join([self.stack.name, *([self.scene.environment] if self.scene.environment else [])])

    @property
    def bases(self) -> dict[str, str]:
        """Names of base images that replace the usual ones."""
        return {**self.stack.docker.images, **self.scene.images}

    def inside(self) -> Iterator[tuple[str, Store]]:
        """The stores that run here."""
        return ((name, store) for name, store in self.stack.stores.items() if not is_outside(store))

    def needs(self, service: Service) -> Iterator[Need]:
        """What has to be there first, each once."""
        yield from {need.name: need for need in service.needs}.values()

    def recipe(self, name: str) -> Recipe | None:
        """How the image of a service is made, where we make it."""
        service = self.stack.services[name]
        own = service.build and service.build.dockerfile
        if not is_built(service) or own or "Dockerfile" in self.scene.listing(name):
            return None
        try:
            return recipe(Subject(name, service, self.scene.listing(name), self.bases))
        except RuntimeFailure:
            return None

    def asker(self, name: str) -> str:
        """What there is in the image of a service to ask with: a language, `unknown`, or nothing."""
        service = self.stack.services[name]
        if service.uses:
            return "python"
        found = self.recipe(name)
        if found is None:
            return "unknown"
        return found.asker or ("" if found.builder else "unknown")

    def command(self, name: str) -> list[str] | None:
        """What runs in a service's container; `None` where only its image knows."""
        service = self.stack.services[name]
        if service.uses:
            return ["fairlead", service.uses, "serve"]
        found = self.recipe(name)
        if found is not None:
            return list(found.command)
        return list(service.command) if service.command else None

    def is_wrapped(self, name: str) -> bool:
        """Whether a shell of the image's can read secrets from their files before it starts the program."""
        known = self.stack.services[name].uses or self.recipe(name) is not None
        return bool(known) and bool(self.asker(name))


def is_outside(store: Store) -> bool:
    """Whether somebody else runs it."""
    return bool(store.managed or store.external or store.external_secret)
