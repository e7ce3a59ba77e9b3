"""Fits the forest, splits by family, calibrates on what was left out, and writes the model down."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from tools.guard_model.rows import Row
from tools.guard_model.secrets import ENGLISH, PEOPLE, seed_of

from fairlead.apps.guard.generic.features import features, is_name
from fairlead.apps.guard.generic.learned import Calibration
from fairlead.apps.guard.generic.letters import Letters, costs
from fairlead.apps.guard.generic.measures import NAMES, measured
from fairlead.apps.guard.generic.trees import Forest, Tree
from fairlead.apps.guard.generic.words import COMMON
from fairlead.apps.guard.service.judging.scorers import BIAS, ODDS, log_odds

FOLDS = 5
NEVER_MORE = (
    "placeholder",
    "template",
    "the variable's own name",
    "sample words",
    "another's name",
    "code",
    "path or URL",
)
"""Features that may only speak against a secret."""
NEVER_LESS = ("password's name", "key's name", "login with password")
"""Features that may only speak for one."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """Rows in numbers."""

    x: Numbers
    y: NDArray[np.bool_]
    weights: Numbers
    families: NDArray[np.int64]
    surroundings: NDArray[np.int64]
    """Folds, by the family of the value and by the style that it stands in; a package is in one fold of both."""


def letter_costs() -> bytes:
    """What runs of letters cost, of English words, names of people and of code."""
    return bytes(costs([*ENGLISH, *PEOPLE, *(word for word in sorted(COMMON) for _ in range(4))]))


def matrix(rows: Sequence[Row], letters: Letters) -> Matrix:
    """The numbers of rows; a family is in one fold only, and both labels weigh the same."""
    x = np.array([measured(row.candidate, letters) for row in rows], dtype=np.float64)
    y = np.array([row.label for row in rows])
    families = np.array([seed_of(row.family, 7) % FOLDS for row in rows])
    surroundings = np.array([seed_of(_around(row), 3) % FOLDS for row in rows])
    share = y.mean()
    return Matrix(x, y, np.where(y, 0.5 / share, 0.5 / (1 - share)), families, surroundings)


def _around(row: Row) -> str:
    return row.family if row.style == "natural" else row.style


def fitted(data: Matrix, chosen: NDArray[np.bool_], seed: int) -> HistGradientBoostingClassifier:
    """Friedman's gradient boosting on histograms, held small."""
    bounds = [-1 if name in NEVER_MORE else 1 if name in NEVER_LESS else 0 for name in NAMES]
    model = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=150, max_leaf_nodes=12, min_samples_leaf=60, l2_regularization=5.0,
        max_features=0.4, monotonic_cst=bounds, early_stopping=False, random_state=seed,
    )  # fmt: skip
    return model.fit(data.x[chosen], data.y[chosen], data.weights[chosen])


def left_out(data: Matrix, folds: NDArray[np.int64], seed: int) -> Numbers:
    """Log odds of each row by a model that has seen no row of its fold."""
    odds = np.zeros(len(data.y))
    for fold in range(FOLDS):
        held = folds == fold
        odds[held] = fitted(data, ~held, seed).decision_function(data.x[held])
    return odds


def calibrated(each: Sequence[Numbers], data: Matrix) -> Calibration:
    """Isotonic regression (Zadrozny and Elkan, 2002) over rows as often as they were left out, thinned to a few points."""
    odds, times = np.concatenate(each), len(each)
    curve = IsotonicRegression(y_min=0.002, y_max=0.998, out_of_bounds="clip")
    curve.fit(odds, np.tile(data.y, times), np.tile(data.weights, times))
    points = np.quantile(odds, np.linspace(0.01, 0.99, 25))
    p = curve.predict(points)
    width = 0.02 * np.arange(len(points)) / len(points)  # rising strictly, so that nothing is tied
    return Calibration(
        tuple(np.round(points, 4).tolist()), tuple(np.round(np.clip(p * 0.98 + width, 0, 1), 4).tolist())
    )


def forest(model: HistGradientBoostingClassifier) -> Forest:
    """The trees as the program reads them."""
    trees = tuple(_tree(each[0].nodes) for each in model._predictors)  # noqa: SLF001 - scikit-learn has no other way to them
    return Forest(round(float(model._baseline_prediction.ravel()[0]), 6), trees)  # noqa: SLF001 - see above


def _tree(nodes: NDArray[np.void]) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=tuple(int(one) for one in np.where(leaf, 0, nodes["feature_idx"])),
        threshold=tuple(float(f"{one:.6g}") for one in np.where(leaf, 0.0, nodes["num_threshold"])),
        left=tuple(int(one) for one in np.where(leaf, 0, nodes["left"])),
        right=tuple(int(one) for one in np.where(leaf, 0, nodes["right"])),
        value=tuple(round(float(one), 5) for one in nodes["value"]),
    )


def names_alone(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """The rows that never come before the forest."""
    return np.array([is_name(row.candidate) for row in rows])


def information(rows: Sequence[Row], p: Numbers) -> dict[str, float]:
    """The diagonal of Fisher's information of a logistic correction of these probabilities, per row."""
    known: dict[str, float] = defaultdict(float)
    for row, one in zip(rows, p, strict=True):
        spread = float(one * (1 - one)) / len(rows)
        for name, x in {BIAS: 1.0, ODDS: log_odds(float(one)), **features(row.candidate)}.items():
            known[name] += spread * x * x
    return {name: round(value, 6) for name, value in sorted(known.items())}


def in_base64(costs: bytes) -> str:
    """As the model keeps them."""
    return base64.b64encode(costs).decode()
