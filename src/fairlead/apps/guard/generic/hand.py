"""Judges a candidate by features made by hand: what it looks like, and what it is assigned to.

The weights are set by hand on what is known of passwords and of what looks like them; a trained model takes this
one's place behind the same seam.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.features import features

WEIGHTS: Mapping[str, float] = {
    "bias": -0.4,
    "placeholder": -8.0,
    "template": -8.0,
    "path or URL": -5.0,
    "code": -4.0,
    "a hash, UUID or public key": -3.0,
    "a plain word": -2.6,
    "words": -2.0,
    "a number": -2.5,
    "the variable's own name": -6.0,
    "names something else": -5.0,
    "names a password": 2.2,
    "names a key or token": 1.4,
    "quoted": 0.5,
    "short": -1.2,
    "random": 2.4,
    "mixed": 1.4,
}
"""Of the logistic function over the features; the names are the reasons of a finding."""


class ByHand:
    """The scorer that needs no training."""

    threshold = 0.5

    def score(self, candidate: Candidate) -> float:
        """The probability that a candidate is a secret."""
        total = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in features(candidate).items())
        return 1 / (1 + math.exp(-total))

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """The features that speak for it."""
        return tuple(name for name, value in features(candidate).items() if value > 0.5 and WEIGHTS[name] > 0)
