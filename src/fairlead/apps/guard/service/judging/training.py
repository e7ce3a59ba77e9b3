"""Recalibrates the judgement on labelled rows: logistic regression that stays near what is shipped.

Maximum a posteriori with a Gaussian prior around the shipped scorer (weight 1 on its log odds, 0 elsewhere), found by
Newton's method (iteratively reweighted least squares; Bishop, Pattern Recognition and Machine Learning, 4.3.3 and 4.5).
A few rows move it little, many move it as far as they say. What it is worth is told on rows that it was not fitted on,
parted so that one value is never on both sides.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fairlead.apps.guard.service.judging.scorers import BIAS, ODDS, SURE, Recipe, logistic

PRIOR: Mapping[str, float] = {ODDS: 1.0}
"""Where each weight is drawn to; 0 for the rest."""
SPREAD: Mapping[str, float] = {BIAS: 1.0, ODDS: 0.5}
ELSE = 1.5
"""Standard deviations of the prior, in log odds."""
NOTHING: Mapping[str, float] = {}
AS_MANY = 100
"""Rows that the shipped data counts for."""
STEPS = 30
ENOUGH = 1e-6
"""A step shorter than this is the last."""
FOLDS = 5
MOST_FOR_FOLDS = 20_000
"""Rows; the folds of more are taken from these."""

Vector = list[float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row: its features, whether it is a secret, and what its value is told apart by."""

    inputs: Mapping[str, float]
    label: bool
    group: str


def trained(rows: Sequence[Labelled], threshold: float = 0.5, known: Mapping[str, float] = NOTHING) -> Recipe:
    """The weights that these rows say, beside what is known of each from the data of the shipped scorer, per row."""
    names = sorted({BIAS, ODDS, *(name for row in rows for name in row.inputs)})
    place = {name: at for at, name in enumerate(names)}
    prior = [PRIOR.get(name, 0.0) for name in names]
    tight = [1 / SPREAD.get(name, ELSE) ** 2 + AS_MANY * known.get(name, 0.0) for name in names]
    sparse = [([(place[name], x) for name, x in row.inputs.items()], float(row.label)) for row in rows]
    weights = list(prior)
    for _ in range(STEPS):
        gradient, hessian = _slopes(sparse, weights, prior, tight)
        step = _solved(hessian, gradient)
        size = max(map(abs, step))
        scale = min(1.0, 4.0 / size) if size else 1.0  # no leap into where everything is 0 or 1
        weights = [w - scale * s for w, s in zip(weights, step, strict=True)]
        if size < ENOUGH:
            break
    return Recipe(threshold, {name: round(w, 6) for name, w in zip(names, weights, strict=True) if abs(w) > ENOUGH})


def worth(rows: Sequence[Labelled], threshold: float = 0.5, known: Mapping[str, float] = NOTHING) -> dict[str, float]:
    """Log loss and errors on rows that were left out of the fit, beside those of the weights from before."""
    rows = rows[:MOST_FOR_FOLDS]
    before, after = _Tally(), _Tally()
    for fold in range(FOLDS):
        held = [row for row in rows if _fold(row) == fold]
        rest = [row for row in rows if _fold(row) != fold]
        if not held or not rest:
            continue
        weights = trained(rest, threshold, known).weights
        for row in held:
            before.add(probability(PRIOR, row.inputs), row.label, threshold)
            after.add(probability(weights, row.inputs), row.label, threshold)
    return {"rows": float(len(rows)), **before.told("before"), **after.told("after")}


def probability(weights: Mapping[str, float], inputs: Mapping[str, float]) -> float:
    """What weights say of a row."""
    return logistic(sum(weights.get(name, 0.0) * x for name, x in inputs.items()))


def _fold(row: Labelled) -> int:
    return zlib.crc32(row.group.encode()) % FOLDS


class _Tally:
    def __init__(self) -> None:
        self.loss = 0.0
        self.counts = {"right": 0, "found": 0, "flagged": 0, "secrets": 0}
        self.rows = 0

    def add(self, p: float, label: bool, threshold: float) -> None:
        p = min(max(p, SURE), 1 - SURE)
        self.rows += 1
        self.loss -= math.log(p if label else 1 - p)
        flagged = p >= threshold
        for name, one in zip(self.counts, (flagged == label, flagged and label, flagged, label), strict=True):
            self.counts[name] += one

    def told(self, when: str) -> dict[str, float]:
        if not self.rows:
            return {}
        counts = self.counts
        return {
            f"log_loss_{when}": round(self.loss / self.rows, 6),
            f"accuracy_{when}": round(counts["right"] / self.rows, 6),
            f"precision_{when}": round(counts["found"] / counts["flagged"], 6) if counts["flagged"] else 1.0,
            f"recall_{when}": round(counts["found"] / counts["secrets"], 6) if counts["secrets"] else 1.0,
        }


def _slopes(
    rows: Sequence[tuple[list[tuple[int, float]], float]], weights: Vector, prior: Vector, tight: Vector
) -> tuple[Vector, list[Vector]]:
    """The gradient and the Hessian of the negative log posterior."""
    size = len(weights)
    gradient = [t * (w - m) for w, m, t in zip(weights, prior, tight, strict=True)]
    hessian = [[tight[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
    for inputs, label in rows:
        p = logistic(sum(weights[at] * x for at, x in inputs))
        curve = max(p * (1 - p), 1e-9)
        for i, x in inputs:
            gradient[i] += (p - label) * x
            line = hessian[i]
            for j, y in inputs:
                line[j] += curve * x * y
    return gradient, hessian


def _solved(matrix: list[Vector], right: Vector) -> Vector:
    """x of Ax = b for a positive definite A, by Cholesky's decomposition."""
    size = len(right)
    lower = [[0.0] * size for _ in range(size)]
    dot: Callable[[int, int, int], float] = lambda i, j, n: sum(lower[i][k] * lower[j][k] for k in range(n))  # noqa: E731 - used in three lines
    for i in range(size):
        for j in range(i):
            lower[i][j] = (matrix[i][j] - dot(i, j, j)) / lower[j][j]
        lower[i][i] = math.sqrt(matrix[i][i] - dot(i, i, i))
    y: Vector = []
    for i in range(size):
        y.append((right[i] - sum(lower[i][k] * y[k] for k in range(i))) / lower[i][i])
    x = [0.0] * size
    for i in reversed(range(size)):
        x[i] = (y[i] - sum(lower[k][i] * x[k] for k in range(i + 1, size))) / lower[i][i]
    return x
