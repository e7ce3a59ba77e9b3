"""The output of an instance: first what earlier containers of it said, then its own as the engine keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fairlead.engine.runtime import LogLine, Phase
from fairlead.engine.runtimes.docker import seen
from fairlead.engine.runtimes.docker.client import DockerClient
from fairlead.engine.runtimes.docker.frames import Lines, frames
from fairlead.engine.runtimes.docker.refusals import Refused

JSON = dict[str, Any]


async def lines(
    client: DockerClient, container: JSON, *, tail: int | None = None, since: float | None = None, follow: bool = False
) -> AsyncIterator[LogLine]:
    """Lines of one container; with `follow` until it ends. Nothing for one that is gone. Raises `Unreachable`."""
    found = Lines()
    query: dict[str, Any] = {
        "stdout": True,
        "stderr": True,
        "timestamps": True,
        "follow": follow,
        "tail": tail,
        "since": _from(since),
    }
    try:
        async with client.stream("GET", f"containers/{container['Id']}/logs", **query) as answer:
            async for stream, frame in frames(answer):
                line = found.take(stream, frame)
                if line and (since is None or line.at > since):
                    yield line
    except Refused as refused:
        if refused.status != 404:
            raise
    for line in found.rest():
        yield line


def end(container: JSON) -> LogLine | None:
    """The line of Fairlead's own that says how a container ended; `None` while it runs."""
    observed = seen.observed(container)
    if observed.phase is not Phase.ENDED:
        return None
    at = seen.moment(container["State"].get("FinishedAt")) or observed.started_at or 0.0
    return LogLine(at, "err", f"[fairlead] ended: {observed.reason}")


def _from(since: float | None) -> str | None:
    """The engine takes seconds with nine digits after the point; it goes by whole lines, we by the exact time."""
    return None if since is None else f"{since:.9f}"
