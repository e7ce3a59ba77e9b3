"""The seam between candidates and what judges them: features by hand now, a trained model in their place later."""

from __future__ import annotations

from typing import Protocol

from fairlead.apps.guard.generic.candidates import Candidate


class Scorer(Protocol):
    """Says how likely a candidate is a secret."""

    threshold: float
    """Below this probability a candidate is not reported."""

    def score(self, candidate: Candidate) -> float:
        """The probability (0 to 1) that it is one."""

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """Why, in words that do not hold the value."""
