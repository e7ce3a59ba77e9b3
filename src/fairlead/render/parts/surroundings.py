"""What a service is told where it runs in a container: its ports, its volumes, its settings, and Fairlead's names."""

from __future__ import annotations

import json

from fairlead.render.target import Scene
from fairlead.stack.containers import inner_ports
from fairlead.stack.model.service import Service
from fairlead.stack.variables import of_port, of_volume

SETTINGS = "/etc/fairlead/settings.json"
CONFIG = "FAIRLEAD_CONFIG"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container, whose network is its own


def plain(scene: Scene, name: str) -> dict[str, str]:
    """The variables that are neither secret nor the address of something else."""
    service = scene.stack.services[name]
    told = {
        "HOST": EVERYWHERE,
        "FAIRLEAD_STACK": scene.stack.name,
        "FAIRLEAD_SERVICE": name,
        "FAIRLEAD_VERSION": scene.version,
    }
    if service.settings:
        told[CONFIG] = SETTINGS
    told |= {of_port(service, port): str(number) for port, number in inner_ports(service).items()}
    told |= {of_volume(service, volume): path for volume, path in volume_paths(service).items()}
    return told | {key: text(value) for key, value in service.environment.items()}


def volume_paths(service: Service) -> dict[str, str]:
    """Volume -> where it appears in the container."""
    return {name: volume.path or f"/data/{name}" for name, volume in service.volumes.items()}


def settings(service: Service) -> str:
    """The file that `CONFIG` names."""
    return json.dumps(service.settings, indent=2, ensure_ascii=False) + "\n"


def command(service: Service) -> list[str]:
    """What the container runs in place of its image's own command; nothing where the image knows."""
    if service.uses:
        return ["fairlead", service.uses, "serve"]
    return list(service.command or []) if service.image else []


def text(value: str | float | bool) -> str:
    """A value of the stack file as an environment holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
