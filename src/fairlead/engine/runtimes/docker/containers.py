"""The containers of one state folder, as the engine has them: found by label, made, started, ended, removed.

An answer that says "there is none" or "it is so already" is no error here: every call may be the repetition of one
whose answer was lost.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import aiodocker

from fairlead.engine.runtimes.docker import labels
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.refusals import Refused

JSON = dict[str, Any]

GONE, CONFLICT = 404, 409


class Containers:
    """`tag` is short for the state folder."""

    def __init__(self, client: DockerClient, tag: str) -> None:
        self._client = client
        self._tag = tag

    async def listed(self, **having: str) -> list[tuple[str, dict[str, str]]]:
        """Id and labels of each container, running or not, that has these labels."""
        filters = labels.having(self._tag, **having)
        found = await self._client.call(lambda docker: docker.containers.list(all=True, filters=filters))
        return [(container.id, container["Labels"]) for container in found]

    async def find(self, instance: str) -> JSON | None:
        """All that the engine says of the container of an instance."""
        for container, marked in await self.listed(**{labels.INSTANCE: instance}):
            if labels.ONCE not in marked:
                with contextlib.suppress(Refused):  # it went meanwhile
                    return await self.show(container)
        return None

    async def show(self, container: str) -> JSON:
        """All that the engine says of one."""
        return await self._client.call(lambda docker: docker.containers.container(container).show())

    async def create(self, name: str, body: JSON) -> str:
        """The id of a new one. Raises `Refused`, with `CONFLICT` when the name is taken."""
        return (await self._client.call(lambda docker: docker.containers.create(body, name=name))).id

    async def start(self, container: str) -> None:
        """Start one that has been made; one that runs is left alone."""
        await self._client.call(lambda docker: docker.containers.container(container).start())

    async def signal(self, container: str, name: str) -> None:
        """Send a signal to its first process."""
        await self._forgiving(partial(_kill, container=container, name=name))

    async def over(self, container: str) -> None:
        """Return when it does not run any more."""
        with contextlib.suppress(Refused):
            await self._client.call(lambda docker: docker.containers.container(container).wait())

    async def delete(self, container: str) -> None:
        """All of it, with the volumes that have no name."""
        await self._forgiving(partial(_delete, container=container))

    async def _forgiving(self, ask: Any) -> None:
        try:
            await self._client.call(ask)
        except Refused as refused:
            if refused.status not in (GONE, CONFLICT):
                raise


async def _kill(docker: aiodocker.Docker, *, container: str, name: str) -> None:
    await docker.containers.container(container).kill(signal=name)


async def _delete(docker: aiodocker.Docker, *, container: str) -> None:
    await docker.containers.container(container).delete(force=True, v=True)
