"""Which image a version runs: found, fetched or built before anything of a release begins, and pinned.

Nothing here starts a container. What was pinned is in the version, so that taking a service back runs what ran before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.engine.images import context, local, pull, reference
from fairlead.engine.images.build import Order, build
from fairlead.engine.images.finishing import bases
from fairlead.engine.images.login import Logins
from fairlead.engine.journal.records import Version
from fairlead.engine.runtimes.docker.labels import state_label
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError
from fairlead.stack.model import Stack
from fairlead.stack.model.service import Service

if TYPE_CHECKING:
    from fairlead.engine.runtimes.docker.client import DockerClient


class Images:
    """Images for the stack of one state folder; `value` gives the value of one of its secrets."""

    def __init__(self, state: Path, value: Callable[[str], str], redact: Callable[[str], str] = str) -> None:
        self._tag = state_label(state)
        self._value = value
        self._redact = redact
        self._stack: Stack | None = None
        self._base = Path()
        self._client: DockerClient | None = None
        self._host: str | None = None
        self._turn = asyncio.Lock()

    def open(self, stack: Stack, base: Path) -> None:
        """Fetch and build for this stack from now on, whose file is in `base`."""
        self._stack, self._base = stack, base

    async def close(self) -> None:
        """Close the connection to the Docker engine."""
        if self._client:
            await self._client.close()
            self._client = None

    async def ensure(self, service: str, spec: Service, version: str, say: Say) -> str:
        """The pinned image that a new version of a service runs. Raises `ReleaseError` or `RuntimeFailure`."""
        if spec.image:
            return await self.fetch(service, spec.image, say)
        return await self._build(service, spec, version, say)

    async def fetch(self, subject: str, image: str, say: Say) -> str:
        """An image by its name, pinned; asked for at its registry as `docker.pull` says."""
        async with self._turn:  # two services may begin with the same one
            return await self._fetch(subject, image, say)

    async def _fetch(self, subject: str, image: str, say: Say) -> str:
        policy = self._opened.docker.pull
        found = await local.find(self._docker(), image) if policy != "always" else None
        if found is None:
            if policy == "never":
                hint = f"`docker pull {image}`, or another `docker.pull` than `never`"
                raise ReleaseError(f"{subject}: {image} is not on this machine", hint=hint)
            await self._pull(subject, reference.parse(image), say)
            found = await local.find(self._docker(), image)
        if found is None:
            raise ReleaseError(f"{subject}: {image} was fetched, and is not there")
        return reference.pinned(image, found)

    async def here(self, image: str) -> bool:
        """Whether an image is on this machine."""
        return await local.find(self._docker(), image) is not None

    async def check(self, version: Version, say: Say) -> None:
        """Make sure that a version's own image is here, fetched again if need be. Raises `ReleaseError`."""
        image = version.image
        if image is None or await self.here(image):
            return
        what = f"{version.service} {version.name}"
        if reference.parse(image).digest is None or self._opened.docker.pull == "never":
            raise ReleaseError(
                f"{what}: its image {image} is no longer on this machine",
                hint="deploy what it was built from as a new version",
            )
        await self._pull(what, reference.parse(image), say)

    async def keep(self, version: Version) -> None:
        """Give the image of a version a name of ours, lest one that only has an id be cleared away as unused."""
        image = version.image
        if image is not None and reference.parse(image).digest is None:
            repository, tag = self._name(version.service), version.name
            await self._docker().call(lambda docker: docker.images.tag(image, repository, tag=tag))

    async def forget(self, version: Version, kept: Iterable[Version]) -> None:
        """Take our name from the image of a version; one that was built here goes, unless a kept one runs it too."""
        if version.image is None:
            return
        client, name = self._docker(), f"{self._name(version.service)}:{version.name}"
        named = await local.find(client, name)
        if named is not None and named["Id"] == version.image:
            await local.remove(client, name)
        if version.spec.image is None and not any(other.image == version.image for other in kept):
            await self._remove(version.image)

    async def _remove(self, image: str) -> None:
        client = self._docker()
        for made in await local.built(client, self._tag):
            if made["Id"] == image:
                for name in made.get("RepoTags") or [image]:
                    await local.remove(client, image if name == "<none>:<none>" else name)

    def _name(self, service: str) -> str:
        """Two stacks of the same name in two folders share none."""
        return f"fairlead/{self._opened.name}-{self._tag}-{service}"

    async def _build(self, service: str, spec: Service, version: str, say: Say) -> str:
        sources = context.of(service, spec, self._opened, self._base)
        text, target = await asyncio.to_thread(sources.instructions)
        looking = asyncio.ensure_future(asyncio.to_thread(sources.looked_at))
        try:
            for base in bases(text):
                await self.fetch(service, base, say)
        finally:
            await looking
        say("info", service, f"building the image of {version}")
        with await asyncio.to_thread(sources.archive) as archive:
            order = Order(
                service,
                tag=f"{self._name(service)}:{version}",
                instructions=text,
                archive=archive,
                target=target,
                arguments={**(spec.build.args if spec.build else {}), **sources.own_arguments(version)},
                labels={local.OURS: self._tag, "org.opencontainers.image.version": version},
            )
            return await build(self._docker(), order, self._quietly(say))

    def _quietly(self, say: Say) -> Say:
        """The same without any secret's value."""
        return lambda level, subject, text: say(level, subject, self._redact(text))

    async def _pull(self, subject: str, wanted: reference.Reference, say: Say) -> None:
        headers = await Logins(self._opened.docker.registries, self._value).headers(wanted.host)
        await pull.pull(self._docker(), wanted, headers, subject, say)

    @property
    def _opened(self) -> Stack:
        assert self._stack is not None  # noqa: S101 - nothing is fetched or built before a stack is applied
        return self._stack

    def _docker(self) -> DockerClient:
        if self._client is None:
            from fairlead.engine.runtimes.docker.client import DockerClient  # large, and for few stacks

            self._client = DockerClient(self._opened.docker.host)
        return self._client
