"""Judges a candidate by features made by hand: what it looks like, and what it is assigned to.

The weights are set by hand on what is known of passwords and of what looks like them; a trained model takes this
one's place behind the same seam.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.features import features, is_name

WEIGHTS: Mapping[str, float] = {
    "bias": -1.2,
    "placeholder": -9.0,
    "template": -9.0,
    "path or URL": -7.0,
    "code": -7.0,
    "a hash, UUID or public key": -5.0,
    "a name": -5.0,
    "a name with numbers": -3.5,
    "words": -3.0,
    "a number": -5.0,
    "the variable's own name": -6.0,
    "names something else": -5.0,
    "names a password": 2.2,
    "names a key or token": 0.4,
    "quoted": 0.5,
    "short": -1.2,
    "random": 3.4,
    "mixed": 1.6,
}
"""Of the logistic function over the features; the names are the reasons of a finding."""
UNLIKELY = 0.01
"""The probability that a name is a secret; most candidates are names, and nothing more is asked then."""


class ByHand:
    """The scorer that needs no training."""

    threshold = 0.5

    def score(self, candidate: Candidate) -> float:
        """The probability that a candidate is a secret."""
        if is_name(candidate):
            return UNLIKELY
        total = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in features(candidate).items())
        return 1 / (1 + math.exp(-total))

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """The features that speak for it."""
        return tuple(name for name, value in features(candidate).items() if value > 0.5 and WEIGHTS[name] > 0)
