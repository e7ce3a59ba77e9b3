"""The seam between a release and the running stack: what a release can do, and nothing else.

Every call is idempotent: after a crash the runner repeats the one that was under way. Each raises a `FairleadError`;
a `StateError` means that nothing can be written down any more, and stops the release where it is until a resume.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fairlead.release.steps import Change, Judge, Outcome


class Stage(Protocol):
    """The running stack as a release sees it."""

    async def counts(self, service: str) -> Mapping[str, int]:
        """Version -> instances wanted (a version kept warm included)."""

    async def shares(self, service: str) -> Mapping[str, float]:
        """Version -> share of the requests, in percent."""

    async def scale(self, service: str, version: str, count: int, *, drain_s: float | None = None) -> None:
        """Bring a version to `count` instances; one that was to be retired no longer is.

        Up: returns when all are ready (`NotReady`, `CrashLoop`). Down: drained by what is in flight, `drain_s` at most,
        and no question whether those that stay are ready, since a broken version is brought down, too.
        May be cancelled half way, and is then called again with another count.
        """

    async def shift(self, service: str, shares: Mapping[str, float], *, leased: bool = False) -> None:
        """Give each version its share; returns when the router serves by it.

        Leased shares fall back to the version before when nobody judges them for a few seconds.

        Empty: no version gets requests (the first release of a service, taken back). A version without instances may
        be named: `recreate` has moments in which nobody serves.
        """

    async def watch(self, service: str, version: str, seconds: float) -> Outcome:
        """Watch a version; returns early with "roll back" and a `reason` in the details when an instance fails."""

    async def mirror(self, service: str, version: str, sample: float) -> None:
        """Send a version copies of `sample` percent of the requests; 0 ends that."""

    async def judge(self, step: Judge, unit: Mapping[str, Change]) -> Outcome:
        """Compare the new versions of all services of a release with the present ones, until `step` is answered.

        `unit` is service -> its change, the one that leads first. Outcome: "promote", "roll back" (with a `reason`) or
        "done" (next share). May be cancelled at any moment, and is called again after a crash: what was seen before
        still counts.
        """

    async def hook(self, service: str, version: str, moment: str) -> None:
        """Run the hooks of a moment: "migrate", "before", "after" or "migrate-down". Raises `HookFailed`."""

    async def retire(self, service: str, version: str, count: int, warm_s: float) -> None:
        """Keep a version running without requests for `warm_s`, then drain it and bring it down to `count`.

        Returns at once; the draining and stopping is the engine's, later.
        """
