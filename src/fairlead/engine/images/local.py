"""The images on this machine, as the Docker engine has them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fairlead.engine.runtimes.docker.refusals import Refused

if TYPE_CHECKING:
    from fairlead.engine.runtimes.docker.client import DockerClient  # large, and for few stacks

JSON = dict[str, Any]

MISSING, IN_USE = 404, 409

OURS = "fairlead.built"
"""Label of an image that was built here: for which state folder."""


async def find(client: DockerClient, image: str) -> JSON | None:
    """All that the engine knows of an image, by name, digest or id; `None` when it is not here."""
    try:
        return dict(await client.call(lambda docker: docker.images.inspect(image)))
    except Refused as refused:
        if refused.status == MISSING:
            return None
        raise


async def remove(client: DockerClient, image: str) -> bool:
    """Take a name away, and the image with its last one; whether that was done. One that is in use stays."""
    try:
        await client.call(lambda docker: docker.images.delete(image))
    except Refused as refused:
        if refused.status in (MISSING, IN_USE):
            return False
        raise
    return True


async def built(client: DockerClient, tag: str) -> list[JSON]:
    """Every image that was built for a state folder."""
    filters = {"label": [f"{OURS}={tag}"]}
    return list(await client.call(lambda docker: docker.images.list(filters=filters)))


async def messages(answer: Any) -> AsyncIterator[JSON]:
    """The JSON objects, one a line, of an answer that goes on for long."""
    held = b""
    async for chunk in answer.content.iter_any():
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
    if held.strip():
        yield json.loads(held)
