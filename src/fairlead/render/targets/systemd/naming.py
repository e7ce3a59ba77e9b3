"""Names of units, of their users and of the folders they know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fairlead.render.parts.numbering import instances
from fairlead.render.target import Scene
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

LONGEST_USER = 31
SERVERS = {
    "postgres": "postgresql.service",
    "redis": "redis-server.service",
    "kafka": "kafka.service",
    "elasticsearch": "elasticsearch.service",
    "opensearch": "opensearch.service",
}
"""Units of servers as Debian and their makers call them; they are started first where they are on the machine."""


@dataclass(frozen=True, slots=True)
class Names:
    """Of one environment of a stack."""

    scene: Scene

    @property
    def stack(self) -> Stack:
        """As the environment sees it."""
        return self.scene.stack

    @property
    def folder(self) -> str:
        """Variables, settings and secrets."""
        return f"/etc/{self.stack.name}"

    @property
    def library(self) -> str:
        """Scripts that units run."""
        return f"/usr/local/lib/{self.stack.name}"

    @property
    def home(self) -> str:
        """The programs, copied from the folder of the stack file."""
        return f"/opt/{self.stack.name}"

    @property
    def target(self) -> str:
        """What starts and stops all of it."""
        return f"{self.stack.name}.target"

    def unit(self, service: str) -> str:
        """Without its ending; a template where there are several instances."""
        said = self.stack.services[service]
        return f"{self.stack.name}-{service}{'@' if is_template(said) else ''}"

    def running(self, service: str) -> list[str]:
        """The units that run, one for each instance."""
        said, unit = self.stack.services[service], self.unit(service)
        if not is_template(said):
            return [f"{unit}.service"]
        return [f"{unit}{number}.service" for number in range(1, instances(said) + 1)]

    def user(self, service: str) -> str:
        """One for all instances, so that they share volumes; no longer than a user's name may be."""
        name = f"{self.stack.name}-{service}"
        if len(name) <= LONGEST_USER:
            return name
        return f"{name[: LONGEST_USER - 9].rstrip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    def log(self, service: str) -> str:
        """The namespace of its journal."""
        return f"{self.stack.name}-{service}"

    def targets(self, service: Service) -> list[str]:
        """What it is started by: the stack, or each profile that it belongs to."""
        if not service.profiles:
            return [self.target]
        return [f"{self.stack.name}-{profile}.target" for profile in service.profiles]


def is_template(service: Service) -> bool:
    """Whether there are several instances."""
    return instances(service) > 1


def is_run(service: Service) -> bool:
    """Whether a unit can run it: it is a program, not an image."""
    return not service.image and not service.build and (service.command is not None or service.uses is not None)
