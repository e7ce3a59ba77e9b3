"""Building an image: by BuildKit where the Docker client has it, else by the engine's own builder."""

from __future__ import annotations

import asyncio
import functools
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fairlead.engine.images import local
from fairlead.engine.images.context import IGNORE
from fairlead.engine.runtimes.docker.refusals import Refused
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError

if TYPE_CHECKING:
    from fairlead.engine.runtimes.docker.client import DockerClient  # large, and for few stacks

LAST_LINES = 20
"""Lines of a failed build's output that are shown with the error."""

CLIENT_WITHOUT_BUILDX = 23
"""The major version of the Docker client since which it leaves BuildKit to its plugin `buildx`."""

SENT_AS = ".fairlead.Dockerfile"
"""The name of the Dockerfile in what is sent to the engine, where it replaces no file of the directory."""

LONGEST_LINE = 1024 * 1024
_NOISE = re.compile(r" ---> |Removing intermediate container")
_ASK_S = 20.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is built: a Dockerfile and an archive of files, which stage, and what the result is called and labelled."""

    service: str
    tag: str
    instructions: str
    archive: IO[bytes]
    target: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


class _Failed(Exception):
    """The builder ended with an error, said in its own words."""


Builder = Callable[["DockerClient", Order, list[str]], AsyncIterator[str]]
"""Gives the lines of the output, and adds the id of the image to the list."""


async def build(client: DockerClient, order: Order, say: Say) -> str:
    """Build it and give the id of the image. Raises `ReleaseError` with the last lines of the output."""
    builder, made = await chosen(), list[str]()
    last: deque[str] = deque(maxlen=LAST_LINES)
    try:
        async with aclosing(builder(client, order, made)) as lines:  # type: ignore[type-var]  # both are generators
            async for line in lines:
                last.append(line)
                say("output", order.service, line)
    except (_Failed, Refused) as failed:
        raise _error(order, failed, last) from None
    if not made:
        raise ReleaseError(f"{order.service}: the builder ended without an image")
    return made[-1]


async def chosen() -> Builder:
    """What this machine builds with."""
    command = await buildkit()
    return functools.partial(_by_client, command) if command else _by_engine


async def buildkit() -> tuple[str, ...] | None:
    """How BuildKit is called here; `None` where there is none.

    The plugin where there is one, for the engine's own BuildKit (`default`), which knows the images that are here. A
    client before 23.0 has it built in.
    """
    program = shutil.which("docker")
    if program is None:
        return None
    if await _answer(program, "buildx", "version") is not None:
        return (program, "buildx", "build", "--builder", "default", "--load")
    version = re.search(r"version (\d+)\.", await _answer(program, "--version") or "")
    return (program, "build") if version and int(version[1]) < CLIENT_WITHOUT_BUILDX else None


async def _answer(*words: str) -> str | None:
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_ASK_S):
            said, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode("utf-8", "replace") if process.returncode == 0 else None


async def _by_client(
    command: tuple[str, ...], client: DockerClient, order: Order, made: list[str]
) -> AsyncIterator[str]:
    """Lines of what BuildKit says. It is given a copy of the files, with the modes that they have in the archive."""
    with tempfile.TemporaryDirectory(prefix="fairlead-build-") as folder:
        place = Path(folder)
        await asyncio.to_thread(_lay_out, order, place)
        process = await asyncio.create_subprocess_exec(
            *command, *_options(order), "--iidfile", place / "id", "--file", place / "Dockerfile", place / "context",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            env=_environment(client),
        )  # fmt: skip
        try:
            async for line in _lines(process):
                yield line
            if await process.wait():
                raise _Failed(f"exit code {process.returncode}")
            made.append((place / "id").read_text().strip())
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


def _lay_out(order: Order, place: Path) -> None:
    (place / "Dockerfile").write_text(order.instructions)
    (place / "context").mkdir()
    with tarfile.open(fileobj=order.archive) as archive:
        archive.extractall(place / "context", filter="fully_trusted")  # noqa: S202 - written by ourselves a moment ago


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[str]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    async for line in process.stdout:
        if text := line.decode("utf-8", "replace").rstrip():
            yield text


def _environment(client: DockerClient) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name != "DOCKER_CONTEXT"}
    return given | {"DOCKER_BUILDKIT": "1", "DOCKER_HOST": f"unix://{client.socket()}"}


def _options(order: Order) -> list[str]:
    words = ["--progress", "plain", "--tag", order.tag]
    words += ["--target", order.target] if order.target else []
    for name, value in order.arguments.items():
        words += ["--build-arg", f"{name}={value}"]
    for name, value in order.labels.items():
        words += ["--label", f"{name}={value}"]
    return words


async def _by_engine(client: DockerClient, order: Order, made: list[str]) -> AsyncIterator[str]:
    """Lines of what the engine's own builder says."""
    query = {
        "t": order.tag,
        "dockerfile": SENT_AS,
        "target": order.target,
        "buildargs": json.dumps(dict(order.arguments)),
        "labels": json.dumps(dict(order.labels)),
        "rm": True,
        "forcerm": True,
    }
    await asyncio.to_thread(_add_instructions, order)
    headers = {"Content-Type": "application/x-tar"}
    async with client.stream("POST", "build", data=order.archive, headers=headers, **query) as answer:
        async for message in local.messages(answer):
            for line in str(message.get("stream", "")).splitlines():
                if line.strip() and not _NOISE.match(line):
                    yield line.rstrip()
            if "error" in message:
                raise _Failed(str(message["error"]))
            if "ID" in message.get("aux", {}):
                made.append(str(message["aux"]["ID"]))


def _add_instructions(order: Order) -> None:
    """The Dockerfile goes with the files, and both it and what says so are no part of the image."""
    with tarfile.open(fileobj=order.archive, mode="a") as archive:
        for name, text in ((SENT_AS, order.instructions), (IGNORE, f"{SENT_AS}\n{IGNORE}\n")):
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    order.archive.seek(0)


def _error(order: Order, failed: Exception, last: deque[str]) -> ReleaseError:
    reason = failed.said if isinstance(failed, Refused) else str(failed)
    lines = "".join(f"\n  {line}" for line in last)
    return ReleaseError(
        f"{order.service}: the image can't be built: {' '.join(reason.split())[:300]}{lines}",
        hint="mend what the last lines say, and deploy again; nothing else has been changed",
    )
