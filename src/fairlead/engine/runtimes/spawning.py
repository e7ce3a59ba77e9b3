"""Starting a shim, and what it answers."""

from __future__ import annotations

import asyncio
import marshal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import fairlead
from fairlead.engine.limits import Cell
from fairlead.engine.runtime import Launch, StopPolicy
from fairlead.engine.runtimes.checks import signal_number
from fairlead.engine.shim.plan import Plan
from fairlead.errors import RuntimeFailure

_START = f"import sys; sys.path.append({str(Path(fairlead.__file__).parents[1])!r}); \
from fairlead.engine.shim.main import main; main()"
SHIM = (sys.executable, "-S", "-E", "-I", "-c", _START)
_SURROUNDINGS = {"LC_ALL": "C.UTF-8"}
_ANSWER_S = 30.0
"""A shim answers as soon as exec has happened, some 30 ms; a machine that needs longer than this is stuck."""


@dataclass(frozen=True, slots=True)
class Started:
    """The program runs, with this pid."""

    pid: int


@dataclass(frozen=True, slots=True)
class Held:
    """Another shim has the instance."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The program can't be started: at which stage, with which errno."""

    stage: str
    errno: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that was run once."""

    code: int
    output: str


def plan(
    launch: Launch, cell: Cell, environment: Mapping[str, str], *, folder: Path | None, timeout_s: float = 0.0
) -> Plan:
    """The plan for a shim; without a folder the program is run once."""
    return Plan(
        once=folder is None,
        timeout_s=float(timeout_s),
        folder=str(folder or ""),
        argv=list(launch.argv),
        cwd=str(launch.cwd),
        environment=dict(environment),
        user=launch.user,
        signal=signal_number(launch.stop.signal),
        grace_s=float(launch.stop.grace_s),
        log_bytes=launch.log.max_bytes,
        log_keep=launch.log.keep,
        cgroups=list(cell.folders),
        rlimits=list(cell.rlimits),
    )


def stop_order(policy: StopPolicy) -> str:
    """What the shim reads when it is told to stop."""
    return f"{signal_number(policy.signal)} {policy.grace_s:f}\n"


async def keep(wanted: Plan) -> Started | Held | Refused:
    """Start a shim that keeps the instance, in a thread: `subprocess` waits for the exec of the interpreter."""
    return await asyncio.to_thread(_keep, _message(wanted))


def _message(wanted: Plan) -> bytes:
    return marshal.dumps(dict(wanted))


def _keep(message: bytes) -> Started | Held | Refused:
    try:
        done = subprocess.run(SHIM, input=message, capture_output=True, env=_SURROUNDINGS, timeout=_ANSWER_S)
    except subprocess.TimeoutExpired:
        raise RuntimeFailure(f"the shim did not answer within {_ANSWER_S:g} s") from None
    match done.stdout.decode().split():
        case ["started", pid]:
            return Started(int(pid))
        case ["held"]:
            return Held()
        case ["refused", stage, errno]:
            return Refused(stage, int(errno))
    raise RuntimeFailure(f"the shim failed: {_last_line(done.stderr)}")


def _last_line(output: bytes) -> str:
    return (output.decode("utf-8", "replace").strip().splitlines() or ["it was killed"])[-1]


async def once(wanted: Plan) -> Finished | Refused:
    """Run a program once through a shim; when this is cancelled, the shim notices and ends all of it."""
    shim = await asyncio.create_subprocess_exec(
        *SHIM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_SURROUNDINGS,
        limit=1 << 20,
    )
    assert shim.stdin is not None  # noqa: S101 - asked for above
    assert shim.stdout is not None  # noqa: S101 - asked for above
    try:
        shim.stdin.write(_message(wanted))
        answer = await shim.stdout.read()
    finally:
        shim.stdin.close()
        await shim.wait()
    return _answered(answer)


def _answered(answer: bytes) -> Finished | Refused:
    try:
        kind, *values = marshal.loads(answer)  # noqa: S302 - written by the shim that was started above
    except (EOFError, ValueError, TypeError):
        raise RuntimeFailure("the shim was killed while it ran a command") from None
    if kind == "refused":
        return Refused(*values)
    code, output = values
    return Finished(code, output.decode("utf-8", "replace"))
