"""The seam of one declared indicator: numbers of all instances in, what the judge is told out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fairlead.release.judge import Observed
from fairlead.release.sources.metrics.snapshot import Snapshot

Requests = Mapping[str, float]
"""How many requests the router has sent to each version so far; empty when it does not say."""


class Watched(Protocol):
    """One indicator."""

    @property
    def wanted(self) -> frozenset[str]:
        """The metrics that it is made from, as their series are called."""

    @property
    def bound(self) -> float | None:
        """Its frozen bound, where it has one and knows it."""

    def learn(self, snapshot: Snapshot) -> None:
        """Freeze the bound, if there is one to freeze. Raises `NoEvidence`."""

    def take(self, snapshot: Snapshot, requests: Requests) -> Observed:
        """What happened since it was taken last. Raises `NoEvidence`; then a later one covers what can be."""
