"""Which versions a rollback goes back to: worked out from the history alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from fairlead.errors import ReleaseError, UsageError
from fairlead.kit.suggest import hint
from fairlead.release.history import Release
from fairlead.release.steps import Change


def choose_rollback(history: Sequence[Release], current: str | None, to: str | None, *, kept: Collection[str]) -> str:
    """The version to go back to: that of release `to` ("r12"), version `to` ("v3"), or the one before `current`.

    `history` holds the releases of one service, newest first; `kept` the versions that can still be started.
    Raises `ReleaseError` when there is nothing to go back to and `UsageError` for one that can't be gone back to.
    """
    if current is None:
        raise ReleaseError("no version holds requests", hint="`fairlead up` or `fairlead deploy` starts one")
    others = (_served(history) & set(kept)) - {current}
    version = _before(history, current) if to is None else _named(history, to, others)
    if version == current:
        raise UsageError(f"{version} holds the requests already")
    if version not in kept:
        raise UsageError(f"{version} is not kept any more", hint=hint(version, others, none=_KEEP_MORE))
    return version


def choose_rollback_together(
    history: Sequence[Release],
    service: str,
    current: Mapping[str, str | None],
    to: str | None,
    *,
    kept: Mapping[str, Collection[str]],
) -> dict[str, str]:
    """Service -> version to go back to, `service` first: what came in with it goes back with it.

    `history` holds the releases that `service` had a part in, newest first; `current` and `kept` tell of every service
    what `choose_rollback` is told of one. A service that has been released by itself since stays as it is.
    Raises as `choose_rollback` does.
    """
    own = [release.seen_by(service) for release in history]
    back = {service: choose_rollback(own, current[service], to, kept=kept[service])}
    for other, change in _came_along(history, service, back[service]):
        if change.old not in (None, change.new) and change.new == current.get(other):
            back[other] = _kept(other, change.old, kept[other])
    return back


def _came_along(history: Sequence[Release], service: str, target: str) -> Iterator[tuple[str, Change]]:
    """What became of the other services, as one change each, since `service` was at the version to go back to."""
    since = takewhile(lambda release: release.unit[service].new != target, _succeeded(history))
    whole: dict[str, Change] = {}
    for release in since:
        for other, change in release.unit.items():
            whole[other] = replace(whole.get(other, change), old=change.old)
    return ((other, change) for other, change in whole.items() if other != service)


def _succeeded(history: Sequence[Release]) -> Iterator[Release]:
    return (release for release in history if release.state == "succeeded")


def _kept(service: str, version: str, kept: Collection[str]) -> str:
    if version not in kept:
        raise UsageError(f"{service}: {version} is not kept any more", hint=_KEEP_MORE)
    return version


_KEEP_MORE = "`release.keep_versions` says how many versions are kept"


def _before(history: Sequence[Release], current: str) -> str:
    """What served before the version got in. Rollbacks are passed over: a second one goes further back, not forth."""
    entered = [r for r in history if r.state == "succeeded" and r.kind != "rollback" and r.change.new == current]
    if not entered or entered[0].change.old is None:
        raise ReleaseError(
            f"there is no version before {current} to go back to",
            hint="`fairlead history` lists the releases; `--to` takes one of them, or a version",
        )
    return entered[0].change.old


def _served(history: Sequence[Release]) -> set[str]:
    """Every version that has held all requests."""
    came = {release.change.new for release in history if release.state == "succeeded"}
    return came | {release.change.old for release in history if release.change.old is not None}


def _named(history: Sequence[Release], to: str, others: Collection[str]) -> str:
    releases = {release.id: release for release in history}
    if to in releases:
        return _of_release(releases[to])
    if to in _served(history):
        return to
    if tried := [release for release in history if release.change.new == to]:
        return _of_release(tried[0])
    if re.fullmatch(r"r[0-9]+", to):
        raise UsageError(f"there is no release `{to}`", hint=hint(to, releases, none=_LISTED))
    raise UsageError(f"there is no version `{to}`", hint=hint(to, others, none=_LISTED))


_LISTED = "`fairlead history` lists the releases"


def _of_release(release: Release) -> str:
    if release.state != "succeeded":
        raise UsageError(f"{release.id}: {release.outcome}", hint=f"go back to one that succeeded; {_LISTED}")
    return release.change.new
