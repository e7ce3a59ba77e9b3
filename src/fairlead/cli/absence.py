"""What to say when no daemon answers: that none runs, or that one hangs, and what was left running."""

from __future__ import annotations

from fairlead.daemon.paths import StatePaths
from fairlead.errors import DaemonUnreachable


def absence(paths: StatePaths, error: DaemonUnreachable) -> DaemonUnreachable:
    """The same error, with what can be found out cheaply."""
    from fairlead.cli.doctor.leftovers import running_instances
    from fairlead.engine.lock import holder

    owner = holder(paths.lock).get("pid")
    if owner:
        return DaemonUnreachable(
            f"the daemon (process {owner}) runs but does not answer", hint=f"what it does is in {paths.log}"
        )
    if not paths.state.exists():
        return error
    left = running_instances(paths)
    if left:
        return DaemonUnreachable(
            f"no daemon runs for this stack; left running: {', '.join(left)}",
            hint="`fairlead daemon start` takes them over; `fairlead down` ends them",
        )
    return error
