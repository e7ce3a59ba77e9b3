"""A judgement once more, from what was kept of it: after a crash, for the curious, or by another policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.errors import ReleaseError
from fairlead.release.judge import Policy, Verdict
from fairlead.release.judging.observation import observations_of, policies_of
from fairlead.release.judging.standing import Standing, after, begun, replayed
from fairlead.release.judging.verdicts import verdict

Records = list[dict[str, Any]]


def resumed(records: Records) -> Standing:
    """Where a judgement was left, by the policies it began with."""
    return replayed(_kept(records), observations_of(records))


def counted(records: Records) -> dict[str, set[str]]:
    """Service -> clients that have been counted."""
    units: dict[str, set[str]] = {}
    for observation in observations_of(records):
        for service, sight in observation.items():
            units.setdefault(service, set()).update(sight.units)
    return units


def replay(records: Records, policies: Mapping[str, Policy] | None = None) -> Iterator[tuple[Standing, Verdict]]:
    """What was known after each look, and the verdict on it; with `policies`, what theirs would have been.

    The forecast, which no verdict depends on, is left out. Raises `ReleaseError` when nothing was kept, or when what
    was seen does not fit the policies.
    """
    standing = begun(policies or _kept(records))
    for observation in observations_of(records):
        try:
            standing = after(standing, observation)
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"what was observed can't be judged by that policy: {error}") from error
        yield standing, verdict(standing, forecast=False)


def first_verdict(records: Records, policies: Mapping[str, Policy] | None = None) -> tuple[Standing, Verdict]:
    """The first verdict that is not "hold", which ended the judgement or would have; else the latest one."""
    last: tuple[Standing, Verdict] | None = None
    for last in replay(records, policies):
        if last[1].kind != "hold":
            return last
    if last is None:
        raise ReleaseError("nothing was observed: there is no judgement to repeat")
    return last


def _kept(records: Records) -> Mapping[str, Policy]:
    policies = policies_of(records)
    if policies is None:
        raise ReleaseError("this release was not judged, or what was observed of it is kept no more")
    return policies
