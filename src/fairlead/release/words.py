"""Steps in the words of a person: for the plan of a release, its progress and its history."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.kit.quantity import format_duration
from fairlead.release.steps import Observe, RunHook, Shift, Start, Step, Stop

HOOKS = {
    "migrate": "run the migration",
    "before": "run the hooks before any request moves",
    "after": "run the hooks after all requests have moved",
}


def words(step: Step) -> str:
    """What a step does: "start v2 (3 instances)", "all requests to v2", "v1 kept warm for 5m"."""
    match step:
        case Start(version, count):
            return f"start {version} ({_instances(count)})"
        case Shift(shares):
            return shares_in_words(shares)
        case Observe(version, seconds):
            return f"watching {version} for {format_duration(seconds)}"
        case RunHook(moment):
            return HOOKS[moment]
        case Stop(version, 0, warm_s) if warm_s > 0:
            return f"{version} kept warm for {format_duration(warm_s)}"
        case Stop(version, 0):
            return f"stop {version}"
        case Stop(version, count):
            return f"{version} down to {_instances(count)}"


def way_back_in_words(step: Step, before: Mapping[str, float]) -> str | None:
    """What undoing a step does; `None` when there is nothing to do."""
    match step:
        case Shift():
            return shares_in_words(before)
        case Start(version) | Stop(version):
            count = int(before[version])
            return f"{version} back to {_instances(count)}" if count else f"stop {version}"
        case RunHook("migrate"):
            return "run the migration's way back"
        case _:
            return None


def shares_in_words(shares: Mapping[str, float]) -> str:
    """Who gets which share of the requests, the largest first."""
    holders = sorted(((share, version) for version, share in shares.items() if share > 0), reverse=True)
    if not holders:
        return "no requests to any version"
    if len(holders) == 1:
        return f"all requests to {holders[0][1]}"
    (share, version), *rest = holders
    return f"{share:g}% of the requests to {version}, " + ", ".join(f"{less:g}% to {other}" for less, other in rest)


def _instances(count: int) -> str:
    return "1 instance" if count == 1 else f"{count} instances"
