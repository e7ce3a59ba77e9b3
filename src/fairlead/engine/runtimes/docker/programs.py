"""Whether an image has the program that a container is to run.

With an init process in front, the engine starts the container all the same, and only its exit code 127 would tell.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.refusals import Refused

USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What the engine takes when the environment has no PATH."""

GONE = 404


async def has_program(client: DockerClient, container: dict[str, Any]) -> bool:
    """Whether the first word of what a container that was just made runs is a file in it."""
    for path in _candidates(container):
        try:
            async with client.stream("HEAD", f"containers/{container['Id']}/archive", path=path):
                return True
        except Refused as refused:
            if refused.status != GONE:
                return True  # it could not be looked for; the start will tell
    return False


def _candidates(container: dict[str, Any]) -> Iterator[str]:
    program, config = container["Path"], container["Config"]
    if "/" in program:
        yield posixpath.join(config.get("WorkingDir") or "/", program)
        return
    variables = dict(entry.partition("=")[::2] for entry in config.get("Env") or ())
    for folder in (variables.get("PATH") or USUAL).split(":"):
        yield posixpath.join(folder or ".", program)
