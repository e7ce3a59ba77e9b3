"""Fetching an image from its registry, and saying how far it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairlead.engine.images import local
from fairlead.engine.images.reference import Reference
from fairlead.engine.runtimes.docker.refusals import Refused
from fairlead.engine.saying import Say
from fairlead.errors import ReleaseError

if TYPE_CHECKING:
    from fairlead.engine.runtimes.docker.client import DockerClient  # large, and for few stacks

DONE = {"Pull complete", "Already exists"}

_LOGIN = re.compile(r"denied|unauthorized|authentication|no basic auth", re.IGNORECASE)
_UNKNOWN = re.compile(r"manifest unknown|not found|does not exist", re.IGNORECASE)


async def pull(
    client: DockerClient,
    wanted: Reference,
    headers: Mapping[str, str],
    subject: str,
    say: Say,
    *,
    hint: str | None = None,
) -> None:
    """Fetch it. Raises `ReleaseError` with what the registry answered; `hint` is for when nothing better is known."""
    say("info", subject, f"fetching {wanted.whole}")
    query = {"fromImage": wanted.name, "tag": wanted.digest or wanted.tag or "latest"}
    try:
        async with client.stream("POST", "images/create", headers=headers, **query) as answer:
            layers: dict[str, str] = {}
            async for message in local.messages(answer):
                if "error" in message:
                    raise Refused(500, str(message["error"]))
                _tell(message, layers, wanted, subject, say)
    except Refused as refused:
        raise _error(wanted, refused.said, subject, hint) from None


def _tell(message: Mapping[str, Any], layers: dict[str, str], wanted: Reference, subject: str, say: Say) -> None:
    """A line whenever one more layer is there."""
    id, status = message.get("id"), str(message.get("status", ""))
    if not id or status.startswith("Pulling from"):
        return
    before = sum(each in DONE for each in layers.values())
    layers[str(id)] = status
    now = sum(each in DONE for each in layers.values())
    if now > before:
        say("progress", subject, f"fetching {wanted.whole}: {now} of {len(layers)} layers")


def _error(wanted: Reference, said: str, subject: str, hint: str | None) -> ReleaseError:
    reason = " ".join(said.split()).rstrip(".")[:300]
    if _LOGIN.search(reason):
        hint = f"`docker login {wanted.host}`, or name the login under `docker.registries`; is the name right?"
    elif _UNKNOWN.search(reason):
        hint = "is the name right, and has it been pushed?"
    return ReleaseError(
        f"{subject}: {wanted.whole} can't be fetched: {reason}", hint=hint or f"is {wanted.host} reachable from here?"
    )
