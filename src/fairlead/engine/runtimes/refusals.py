"""Why a program can't be started, in words that say what to mend."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from fairlead.engine.runtime import Launch
from fairlead.engine.runtimes.spawning import Refused
from fairlead.errors import BinaryMissing, FairleadError, RuntimeFailure, StateError


def explained(launch: Launch, refused: Refused) -> FairleadError:
    """The error for what the shim answered."""
    why = os.strerror(refused.errno).lower() if refused.errno else "unknown"
    match refused.stage:
        case "exec":
            return _exec(launch, refused.errno, why)
        case "cwd":
            return RuntimeFailure(f"{launch.id}: working directory {launch.cwd}: {why}")
        case "user":
            return RuntimeFailure(f"{launch.id}: can't become user {launch.user}: {_user(refused.errno)}")
        case "state":
            return StateError(
                f"{launch.id}: can't write the state of the instance: {why}", hint="check free space and permissions"
            )
        case stage:
            return RuntimeFailure(f"{launch.id}: can't be started ({stage}): {why}")


def _user(number: int) -> str:
    return "it needs root" if number == errno.EPERM else "no such user" if not number else os.strerror(number).lower()


def _exec(launch: Launch, number: int, why: str) -> FairleadError:
    program = launch.argv[0]
    if number == errno.ENOENT and (script := _found(launch)) and (interpreter := _interpreter(script)):
        return BinaryMissing(
            f"{launch.id}: {program} begins with #!{interpreter}, which is not on this machine",
            hint=f"install {interpreter}, or correct the first line of {script}",
        )
    if number in {errno.ENOENT, errno.ENOTDIR}:
        return BinaryMissing(
            f"{launch.id}: program not found: {program}", hint=f"install `{program}`, or correct the command"
        )
    if number == errno.ENOEXEC:
        return RuntimeFailure(
            f"{launch.id}: {program} is not a program that this machine can run",
            hint="a script begins with a line like #!/bin/sh",
        )
    return RuntimeFailure(f"{launch.id}: can't run {program}: {why}")


def _found(launch: Launch) -> Path | None:
    program = launch.argv[0]
    if "/" in program:
        return path if (path := launch.cwd / program).is_file() else None
    found = shutil.which(program, path=launch.environment.get("PATH", os.defpath))
    return Path(found) if found else None


def _interpreter(script: Path) -> str | None:
    try:
        with script.open("rb") as file:
            first = file.readline(256)
    except OSError:
        return None
    words = first.removeprefix(b"#!").split()
    return words[0].decode("utf-8", "replace") if first.startswith(b"#!") and words else None
