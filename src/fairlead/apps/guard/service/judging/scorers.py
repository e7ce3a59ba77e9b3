"""A version of the judgement is what the guard ships, corrected: its own log odds, scaled, and a weight per feature.

It stands on whatever scorer is shipped, so that versions outlive a change of that.
"""

from __future__ import annotations

import itertools
import math
import string
import zlib
from collections.abc import Mapping, Sequence

import msgspec

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.features import SIGNS, features
from fairlead.apps.guard.generic.scorer import Scorer
from fairlead.apps.guard.generic.words import words_of

BUILT_IN = "built-in"
BIAS = "bias"
ODDS = "odds"
"""The weight of the shipped scorer's own log odds."""
WORD, SHAPE = "a word of the name", "the shape of the value"
TRAITS = 64
"""Numbers that words and shapes are kept as: none can be read out of a version."""
LONGEST = 64
"""Characters of a value that its shape is made of."""
SURE = 1e-6
"""No probability is nearer to 0 or 1 than that."""


class Recipe(msgspec.Struct, frozen=True):
    """All that a version is made of, as it is kept."""

    threshold: float = 0.5
    weights: dict[str, float] = {}
    """Feature, `bias` or `odds` -> weight."""


class Corrected:
    """The shipped scorer with a recipe."""

    def __init__(self, shipped: Scorer, recipe: Recipe) -> None:
        self._shipped = shipped
        self._weights = recipe.weights
        self.information = shipped.information
        self.threshold = recipe.threshold

    def score(self, candidate: Candidate) -> float:
        """The probability that a candidate is a secret."""
        return logistic(sum(self._weights.get(name, 0.0) * x for name, x in inputs(self._shipped, candidate).items()))

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """Those of the shipped one, and what was learned."""
        known = {**features(candidate), **_traits(candidate)}
        own = [name for name, x in known.items() if x > 0.5 and self._weights.get(name, 0.0) > 0.5]
        told = dict.fromkeys(f"learned: {name.rstrip(string.digits + ' ')}" for name in own)
        return (*self._shipped.reasons(candidate), *told)


class Switch:
    """Stands where the engine looks for a scorer, and is whichever version judges at the moment."""

    def __init__(self, now: Scorer) -> None:
        self.now = now
        self.threshold = now.threshold
        self.information = now.information

    def turn(self, to: Scorer) -> None:
        """This one judges now."""
        self.now = to
        self.threshold = to.threshold

    def score(self, candidate: Candidate) -> float:
        """The probability that it is a secret."""
        return self.now.score(candidate)

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """Why."""
        return self.now.reasons(candidate)


def made(shipped: Scorer, recipe: Recipe) -> Scorer:
    """The scorer of a recipe; one that corrects nothing costs nothing."""
    if not recipe.weights and recipe.threshold == shipped.threshold:
        return shipped
    weights = {ODDS: 1.0, **recipe.weights}
    return Corrected(shipped, Recipe(recipe.threshold, weights))


def inputs(shipped: Scorer, candidate: Candidate) -> Mapping[str, float]:
    """What the logistic function is of."""
    return {BIAS: 1.0, ODDS: log_odds(shipped.score(candidate)), **features(candidate), **_traits(candidate)}


def _traits(candidate: Candidate) -> Mapping[str, float]:
    """What a team's own tokens and names are known by: words of the name and the value's shape, as numbers."""
    words = {f"{WORD} {zlib.crc32(word.encode()) % TRAITS}": 1.0 for word in words_of(candidate.variable)}
    return {**words, f"{SHAPE} {zlib.crc32(_shape(candidate.value).encode()) % TRAITS}": 1.0}


def _shape(value: str) -> str:
    """`amber-birch-41` is `a-a-9`."""
    kinds = ("a" if char.isalpha() else "9" if char.isdigit() else char for char in value[:LONGEST])
    return "".join(kind for kind, _ in itertools.groupby(kinds))


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), within bounds."""
    p = min(max(probability, SURE), 1 - SURE)
    return math.log(p / (1 - p))


def logistic(x: float) -> float:
    """1 / (1 + e^-x), without an overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def names() -> Sequence[str]:
    """What a recipe may weigh."""
    return (BIAS, ODDS, *SIGNS)
