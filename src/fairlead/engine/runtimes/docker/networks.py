"""The networks of a stack: one from which the internet is reached, and one from which it is not.

Both are bridges of this machine. The router listens at their gateways, so an instance without internet still reaches
the services it needs; containers with an alias (stores) are on both.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import aiodocker

from fairlead.engine.runtimes.docker import labels
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.containers import Containers
from fairlead.engine.runtimes.docker.refusals import Refused

Kind = Literal["open", "closed"]
JSON = dict[str, Any]

CONFLICT, FORBIDDEN, MISSING = 409, 403, 404


class Networks:
    """Makes, finds and removes the networks of one state folder; `tag` is short for that."""

    def __init__(self, client: DockerClient, containers: Containers, tag: str) -> None:
        self._client = client
        self._containers = containers
        self._tag = tag
        self._turn = asyncio.Lock()
        self.gateways: Mapping[str, str] = {}
        """Name of a network -> the address of this machine on it."""

    async def ensure(self, kind: Kind, stack: str | None) -> str:
        """The name of the network, which is made when it is not there; names are unique only by our own care."""
        async with self._turn:
            found = await self._named()
            if kind not in found:
                await self._create(kind, stack)
                found = await self._named()
        return str(found[kind]["Name"])

    async def look(self) -> None:
        """Learn which networks there are."""
        await self._named()

    async def join(self, container: str, alias: str) -> None:
        """Put a container with an alias on every network of the stack."""
        for network in (await self._named()).values():
            await self._connect(network["Id"], container, alias)

    async def remove(self) -> None:
        """Remove them; one that somebody else has joined stays."""
        for network in (await self._named()).values():
            try:
                await self._client.call(partial(_delete, network=network["Id"]))
            except Refused as refused:
                if refused.status not in (FORBIDDEN, MISSING):
                    raise
        await self._named()

    async def _named(self) -> dict[str, JSON]:
        filters = labels.having(self._tag, **{labels.NETWORK: ""})
        found = await self._client.call(lambda docker: docker.networks.list(filters=filters))
        self.gateways = {network["Name"]: gateway for network in found if (gateway := _gateway(network))}
        return {network["Labels"][labels.NETWORK]: network for network in found}

    async def _create(self, kind: Kind, stack: str | None) -> None:
        config = {
            "Name": labels.name(stack, self._tag, *(["closed"] if kind == "closed" else [])),
            "Driver": "bridge",
            "CheckDuplicate": True,
            "Internal": kind == "closed",
            "Labels": {labels.STATE: self._tag, labels.NETWORK: kind} | ({labels.STACK: stack} if stack else {}),
        }
        try:
            made = await self._client.call(lambda docker: docker.networks.create(config))
        except Refused as refused:
            if refused.status != CONFLICT:
                raise
            return
        for container, marked in await self._containers.listed(**{labels.ALIAS: ""}):
            await self._connect(made.id, container, marked[labels.ALIAS])

    async def _connect(self, network: str, container: str, alias: str) -> None:
        config = {"Container": container, "EndpointConfig": {"Aliases": [alias]}}
        try:
            await self._client.call(partial(_join, network=network, config=config))
        except Refused as refused:
            if refused.status not in (FORBIDDEN, MISSING):  # it is on it already, or gone
                raise


async def _delete(docker: aiodocker.Docker, *, network: str) -> None:
    await (await docker.networks.get(network)).delete()


async def _join(docker: aiodocker.Docker, *, network: str, config: JSON) -> None:
    await (await docker.networks.get(network)).connect(config)


def _gateway(network: JSON) -> str | None:
    """Its first IPv4 address; the engine names none for some networks without a way out."""
    for config in (network.get("IPAM") or {}).get("Config") or ():
        if config.get("Gateway") and "." in config["Gateway"]:
            return str(config["Gateway"]).partition("/")[0]
        if config.get("Subnet") and "." in config["Subnet"]:
            return str(next(ipaddress.ip_network(config["Subnet"]).hosts()))
    return None
