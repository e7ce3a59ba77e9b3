"""The scorer that is shipped: a forest trained on made-up secrets and look-alikes, its probabilities calibrated.

`tools/guard_model` makes the data and trains it; docs/explanation/guard-model.md says what it is worth.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from fairlead.apps.guard.generic.candidates import Candidate
from fairlead.apps.guard.generic.features import is_name
from fairlead.apps.guard.generic.letters import Letters
from fairlead.apps.guard.generic.measures import NAMES, measured
from fairlead.apps.guard.generic.reasons import said
from fairlead.apps.guard.generic.trees import Forest

SHIPPED = Path(__file__).parent / "model.json"
UNLIKELY = 0.005
"""The probability that a name is a secret; most candidates are names, and nothing more is asked then."""


class Calibration(msgspec.Struct, frozen=True):
    """Points between which log odds of the forest become probabilities, rising both."""

    odds: tuple[float, ...]
    probability: tuple[float, ...]

    def of(self, odds: float) -> float:
        """Straight lines between the points."""
        at = bisect_left(self.odds, odds)
        if at == 0 or at == len(self.odds):
            return self.probability[min(at, len(self.odds) - 1)]
        low, high = self.odds[at - 1], self.odds[at]
        part = (odds - low) / (high - low)
        return self.probability[at - 1] * (1 - part) + self.probability[at] * part


class Model(msgspec.Struct, frozen=True):
    """All that training leaves behind."""

    made_from: dict[str, str]
    """Seed, versions and sizes of what it was trained on."""
    features: tuple[str, ...]
    letters: str
    """Costs of three letters in a row, in base64."""
    forest: Forest
    calibration: Calibration
    threshold: float
    information: dict[str, float] = {}
    """Of each sign, how much one row of the training data has said of its weight on average (Fisher's information)."""


class Learned:
    """Judges by the forest."""

    def __init__(self, model: Model) -> None:
        if model.features != NAMES:
            raise ValueError("the model was trained on other features than this program measures")
        self._forest = model.forest
        self._calibration = model.calibration
        self._letters = Letters(base64.b64decode(model.letters))
        self.threshold = model.threshold
        self.information: Mapping[str, float] = model.information

    def odds(self, candidate: Candidate) -> float:
        """The forest's log odds, not calibrated."""
        return self._forest.odds(measured(candidate, self._letters))

    def score(self, candidate: Candidate) -> float:
        """The probability that a candidate is a secret."""
        return UNLIKELY if is_name(candidate) else self._calibration.of(self.odds(candidate))

    def reasons(self, candidate: Candidate) -> tuple[str, ...]:
        """What speaks for it most, or against it when it is not taken for one."""
        if is_name(candidate):
            return ("a name in words, not behind the name of a password",)
        numbers = measured(candidate, self._letters)
        is_secret = self._calibration.of(self._forest.odds(numbers)) >= self.threshold
        shares = {NAMES[at]: share for at, share in self._forest.shares(numbers).items()}
        return said(shares, is_secret)


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The one of this release; read once."""
    return Learned(msgspec.json.decode(SHIPPED.read_bytes(), type=Model))
