"""The seam between candidates and what judges them: the model that is shipped, and the versions that correct it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fairlead.apps.guard.generic.candidates import Candidate


class Scorer(Protocol):
    """Says how likely a candidate is a secret."""

    threshold: float
    """Below this probability a candidate is not reported."""
    information: Mapping[str, float]
    """What the data that it was trained on says of the weight of each sign, per row; empty when none is known."""

    def score(self, candidate: Candidate) -> float:
        """The probability (0 to 1) that it is one."""

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """Why, in words that do not hold the value."""
