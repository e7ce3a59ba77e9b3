"""What was seen in one look at a release, as it is kept: the only thing that a judgement is made from.

Everything that the judge may remember is derived from these, by the same code while it goes on, after a crash, and
years later: so none of the three can differ from another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from fairlead.release.judge import Batch, Counts, Moments, Observed, Policy, State, Values, begin

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of one service.

    `why` tells for each indicator without evidence why there is none; `frozen` are bounds that hold from here on;
    `units` are clients counted for the first time. `whole`: requests and failures of both versions together by the
    router's own counters, `None` when unknown. `mirrored`: the canary had copies, not a share.
    """

    batch: Batch
    why: Mapping[str, str] = field(default_factory=dict)
    frozen: Mapping[str, float] = field(default_factory=dict)
    units: frozenset[str] = frozenset()
    whole: tuple[float, float] | None = None
    mirrored: bool = False


Observation = Mapping[str, Sight]
"""One look: service -> what was seen of it."""


def to_record(observation: Observation) -> dict[str, Any]:
    """As kept: JSON, every number exactly, and nothing that is empty (there is a look every two seconds, for hours)."""
    return {"services": {service: _sight_to_record(sight) for service, sight in observation.items()}}


def from_record(record: Record) -> dict[str, Sight]:
    """What `to_record` made."""
    return {service: _sight(kept) for service, kept in record["services"].items()}


def policies_to_record(policies: Mapping[str, Policy]) -> dict[str, Any]:
    """The first that is kept of a judgement: by what it judges."""
    return {"policies": {service: begin(policy).to_record() for service, policy in policies.items()}}


def policies_of(records: list[dict[str, Any]]) -> dict[str, Policy] | None:
    """The policies that a judgement began with; `None` when it has not begun."""
    kept = next((record["policies"] for record in records if "policies" in record), None)
    return None if kept is None else {service: State.from_record(state).policy for service, state in kept.items()}


def observations_of(records: list[dict[str, Any]]) -> list[dict[str, Sight]]:
    """Every look, in order."""
    return [from_record(record) for record in records if "services" in record]


def _sight_to_record(sight: Sight) -> dict[str, Any]:
    batch = sight.batch
    optional = {
        "crashes": batch.crashes,
        "why": dict(sight.why),
        "frozen": dict(sight.frozen),
        "units": sorted(sight.units),
        "whole": sight.whole and list(sight.whole),
        "mirrored": sight.mirrored,
    }
    return {
        "share": batch.share,
        "seconds": batch.seconds,
        "seen": {name: _kept(seen) for name, seen in batch.seen.items()},
        **{name: value for name, value in optional.items() if value},
    }


def _sight(kept: Record) -> Sight:
    seen = {name: _observed(found) for name, found in kept["seen"].items()}
    whole = kept.get("whole")
    return Sight(
        Batch(kept["share"], kept["seconds"], seen, kept.get("crashes", 0)),
        kept.get("why", {}),
        kept.get("frozen", {}),
        frozenset(kept.get("units", ())),
        (whole[0], whole[1]) if whole else None,
        kept.get("mirrored", False),
    )


def _kept(seen: Observed | None) -> list[Any] | None:
    if seen is None:
        return None
    return list(astuple(seen)) if isinstance(seen, Counts) else [list(astuple(seen.stable)), list(astuple(seen.canary))]


def _observed(kept: list[Any] | None) -> Observed | None:
    if kept is None:
        return None
    return Counts(*kept) if len(kept) == 4 else Values(Moments(*kept[0]), Moments(*kept[1]))
