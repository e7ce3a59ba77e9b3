"""Running a command once: in a container of its own, or beside a running instance in that one's."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
from collections.abc import AsyncIterator
from typing import Any

from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.docker import refusals
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.frames import frames
from fairlead.engine.runtimes.docker.refusals import Refused
from fairlead.kit import proc

JSON = dict[str, Any]

TIMED_OUT = 124
"""As `timeout(1)` has it."""

KEPT_BYTES = 64 * 1024
NOT_FOUND = (126, 127)
_NO_PROGRAM = re.compile(r"OCI runtime exec failed.*(executable file not found|no such file)", re.DOTALL)


class Tail:
    """The last bytes of an output."""

    def __init__(self) -> None:
        self._held = bytearray()

    def add(self, data: bytes) -> None:
        """Add to the end."""
        self._held += data
        if len(self._held) > 2 * KEPT_BYTES:
            del self._held[:-KEPT_BYTES]

    @property
    def text(self) -> str:
        return bytes(self._held[-KEPT_BYTES:]).decode("utf-8", "replace")


async def alone(client: DockerClient, container: str, timeout_s: float) -> tuple[int, str]:
    """The exit code and the output of a container that has been started; it is killed when its time runs out."""
    try:
        async with asyncio.timeout(timeout_s):
            code = int((await client.call(lambda docker: docker.containers.container(container).wait()))["StatusCode"])
    except TimeoutError:
        code = TIMED_OUT
        with contextlib.suppress(Refused):  # it has ended by itself meanwhile
            await client.call(lambda docker: docker.containers.container(container).kill(signal="SIGKILL"))
    output = Tail()
    async with client.stream("GET", f"containers/{container}/logs", stdout=True, stderr=True) as answer:
        async for _, data in frames(answer):
            output.add(data)
    return code, output.text


async def beside(client: DockerClient, container: str, launch: Launch, timeout_s: float) -> tuple[int, str]:
    """The exit code and the output of a command in a running container. Raises `BinaryMissing` or `RuntimeFailure`."""
    made = await client.call(lambda docker: docker.containers.container(container).exec(launch.argv))
    output = Tail()
    try:
        async with asyncio.timeout(timeout_s):
            async for data in _said(client, made.id):
                output.add(data)
            code = (await client.call(lambda _: made.inspect()))["ExitCode"]
    except TimeoutError:
        _kill((await client.call(lambda _: made.inspect())).get("Pid"))
        return TIMED_OUT, output.text
    if code in NOT_FOUND and _NO_PROGRAM.search(output.text):
        raise refusals.missing(launch.id, launch.argv[0])
    return int(code), output.text


async def _said(client: DockerClient, execution: str) -> AsyncIterator[bytes]:
    async with client.stream("POST", f"exec/{execution}/start", body={"Detach": False, "Tty": False}) as answer:
        async for _, data in frames(answer):
            yield data


def _kill(pid: int | None) -> None:
    """The engine has no call for it. An engine of ours that is not root leaves it to the end of the container."""
    if pid:
        for one in itertools.chain([pid], proc.descendants(pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one, signal.SIGKILL)
