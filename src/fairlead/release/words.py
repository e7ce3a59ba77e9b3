"""Steps in the words of a person: for the plan of a release, its progress and its history."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fairlead.kit.quantity import format_duration
from fairlead.release.steps import Judge, Mirror, Observe, RunHook, Shift, Start, Step, Stop

HOOKS = {
    "migrate": "run the migration",
    "before": "run the hooks before any request moves",
    "after": "run the hooks after all requests have moved",
}


def words(step: Step, shares: Mapping[str, float] | None = None) -> str:
    """What a step does: "start v2 (3 instances)", "all requests to v2", "v1 kept warm for 5m".

    With `shares`, those under which it is done, a comparison says at how much: "comparing v2 with v1 at 5%".
    """
    match step:
        case Start(version, count):
            return f"start {version} ({_instances(count)})"
        case Shift(to):
            return shares_in_words(to)
        case Observe(version, seconds):
            return f"watching {version} for {format_duration(seconds)}"
        case Judge(version, against):
            share = (shares or {}).get(version)
            return f"comparing {version} with {against}" + (f" at {share:g}%" if share else "")
        case Mirror(version, sample):
            return f"copies of {sample:g}% of the requests to {version}" if sample else f"no more copies to {version}"
        case RunHook(moment):
            return HOOKS[moment]
        case Stop():
            return _stop_in_words(step)


def _stop_in_words(step: Stop) -> str:
    if step.count:
        return f"{step.version} down to {_instances(step.count)}"
    return f"{step.version} kept warm for {format_duration(step.warm_s)}" if step.warm_s > 0 else f"stop {step.version}"


def way_back_in_words(step: Step, before: Mapping[str, float]) -> str | None:
    """What undoing a step does; `None` when there is nothing to do."""
    match step:
        case Shift():
            return shares_in_words(before)
        case Start(version) | Stop(version):
            count = int(before[version])
            return f"{version} back to {_instances(count)}" if count else f"stop {version}"
        case Mirror(version, sample) if sample:
            return words(Mirror(version, 0.0))
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


def of_service(service: str, text: str, unit: Collection[str]) -> str:
    """The text, with its service before it where several are released together."""
    return f"{service}: {text}" if len(unit) > 1 else text


def _instances(count: int) -> str:
    return "1 instance" if count == 1 else f"{count} instances"
