"""What a target sees of a stack file: the stack in every environment, and the files beside each service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairlead.dockerfile import Listing
from fairlead.engine.images import context
from fairlead.render.target import Scene
from fairlead.stack.load import load_every
from fairlead.stack.model import Stack


def scene_of(
    file: Path, environment: str | None, environ: Mapping[str, str], *, images: Mapping[str, str] | None = None
) -> Scene:
    """The scene of a stack file. Raises `StackError` with every problem of the environments that are looked at."""
    stack, every = load_every(file, environment, environ)
    return Scene(stack, environment, every, _listings(stack, file.parent), images or stack.docker.images)


def _listings(stack: Stack, base: Path) -> dict[str, Listing]:
    """Of the services that an image may be made for. A directory that is not there has no files."""
    found = {}
    for name, service in stack.services.items():
        if service.image or service.uses:
            continue
        directory = context.of(name, service, stack, base)
        if directory.root.is_dir():
            found[name] = directory.listing()
    return found
