"""Where a shim begins: the plan is read from the engine, then the shim leaves it for good, or answers it once."""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fairlead.engine.shim.plan import Plan


def main() -> None:
    """Do what the plan on standard input says; a plan that breaks off (the engine was killed) is not begun."""
    try:
        plan: Plan = marshal.load(sys.stdin.buffer)  # noqa: S302 - written by the engine that started this process
    except (EOFError, ValueError, TypeError):
        return
    os.chdir("/")
    if plan["once"]:
        from fairlead.engine.shim.once import once

        once(plan)
    elif os.fork() == 0:
        from fairlead.engine.shim.keep import keep

        keep(plan)
