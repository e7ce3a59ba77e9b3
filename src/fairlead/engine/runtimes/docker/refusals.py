"""What a Docker engine answers when it will not, in words that say what to mend."""

from __future__ import annotations

import re

from fairlead.engine.runtime import Launch
from fairlead.errors import BinaryMissing, Conflict, FairleadError, RuntimeFailure


class Refused(RuntimeFailure):
    """The engine answered with an error; `status` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"docker: {_line(message)}")
        self.status = status
        self.said = message


class Unreachable(RuntimeFailure):
    """No Docker engine answers, or it ended while it was asked."""


def explained(launch: Launch, refused: Refused) -> FairleadError:
    """The error for a container that can't be made or started."""
    said, image = refused.said, launch.container.image if launch.container else ""
    if re.search(r"no such image", said, re.IGNORECASE):
        hint = "build or pull it, or let `docker.pull` be `missing`"
        return RuntimeFailure(f"{launch.id}: no such image on this machine: {image}", hint=hint)
    if re.search(r"executable file not found|exec: .* no such file or directory", said):
        return missing(launch.id, launch.argv[0] if launch.argv else "the image's own command")
    if found := re.search(r":(\d+)(?:: bind)?[^:]*: (?:port is already allocated|address already in use)", said):
        hint = "stop what listens there, or choose another port"
        return RuntimeFailure(f"{launch.id}: port {found[1]} of this machine is taken", hint=hint)
    if "is already in use by container" in said:
        hint = "remove it with `docker rm`, if nothing needs it"
        return Conflict(f"{launch.id}: a container of its name is there that is not Fairlead's", hint=hint)
    if found := re.search(r"bind source path does not exist: (\S+)", said):
        return RuntimeFailure(f"{launch.id}: {found[1]} does not exist, so it can't be mounted")
    return RuntimeFailure(f"{launch.id}: the container can't be started: {_line(said)}")


def missing(subject: str, program: str) -> BinaryMissing:
    """A program that the image does not hold."""
    hint = "correct the command, or take an image that has it"
    return BinaryMissing(f"{subject}: program not found: {program} (in the image)", hint=hint)


def _line(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text
