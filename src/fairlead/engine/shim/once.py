"""A program run once in the surroundings of an instance: its output collected, all of it ended when time is up.

The engine holds the shim's standard input open; when that closes, the engine is gone or no longer cares.
"""

from __future__ import annotations

import marshal
import os
import time

from fairlead.engine.shim import cgroup, native, watch
from fairlead.engine.shim.child import LaunchError, spawn
from fairlead.engine.shim.tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fairlead.engine.shim.plan import Plan

KEPT_BYTES = 64 * 1024
_KILL = 9
TIMED_OUT = 124  # as timeout(1) says it


class Tail:
    """The end of an output."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, data: bytes) -> None:
        self._kept = (self._kept + data)[-KEPT_BYTES:]

    def bytes(self) -> bytes:
        return self._kept


def once(plan: Plan) -> None:
    """Run it; the answer on standard output is ("ended", exit code, output) or ("refused", stage, errno)."""
    os.setsid()
    native.adopt_orphans()
    signals = watch.listen_to_signals()
    reading, writing = watch.output_pipe()
    try:
        pid = spawn(plan, writing, writing, os.umask(0o077))
    except LaunchError as refused:
        cgroup.remove(plan["cgroups"])
        return _answer(("refused", refused.stage, refused.errno))
    os.close(writing)
    tree, tail = Tree(pid, plan["cgroups"]), Tail()
    view = watch.Watch(tree, signals, {reading: tail.take}, lambda: [(_KILL, 0.0)])
    late = _end_in_time(view, tree, plan["timeout_s"])
    cgroup.remove(plan["cgroups"])
    return _answer(("ended", TIMED_OUT if late else tree.exit_code(), tail.bytes()))


def _end_in_time(view: watch.Watch, tree: Tree, timeout_s: float) -> bool:
    """Run until nothing is left; True when the program had to be killed."""
    deadline = time.monotonic() + timeout_s
    view.on_close(0, lambda: view.stop(_KILL, 0.0))

    def due() -> float | None:
        left_s = deadline - time.monotonic()
        if view.stopping or tree.status is not None:
            return None
        if left_s <= 0:
            view.stop(_KILL, 0.0)
        return max(left_s, 0.0)

    view.idle = due
    view.run()
    return view.stopping


def _answer(answer: tuple[str, str | int | None, int | bytes]) -> None:
    try:
        with os.fdopen(1, "wb") as output:
            output.write(marshal.dumps(answer))
    except OSError:  # the engine is gone
        return
