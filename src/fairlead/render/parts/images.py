"""The image that a service runs from, under the name it has in the registry."""

from __future__ import annotations

from fairlead import __version__
from fairlead.render.target import Scene
from fairlead.stack.model.service import Service

OWN = "fairlead"
"""The image of Fairlead itself, which its apps run from."""


def image_of(scene: Scene, name: str) -> str:
    """With its tag: what the stack file names, or what the pipeline builds and pushes."""
    service = scene.stack.services[name]
    if service.image:
        return service.image
    if service.uses:
        return f"{_prefix(scene)}{OWN}:{__version__}"
    return f"{repository(scene, name, service)}:{scene.version}"


def repository(scene: Scene, name: str, service: Service) -> str:
    """Where the image of a service is pushed, without a tag."""
    if service.build and service.build.image:
        return service.build.image
    return f"{_prefix(scene)}{scene.stack.name}-{name}"


def is_built(service: Service) -> bool:
    """Whether the image comes from this stack's own files."""
    return not service.image and not service.uses


def _prefix(scene: Scene) -> str:
    registry = scene.stack.pipeline.registry if scene.stack.pipeline else None
    return f"{registry.rstrip('/')}/" if registry else ""
