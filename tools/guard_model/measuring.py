"""What a model is worth on rows whose family it has not seen: precision, recall, and whether its probabilities hold."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from tools.guard_model import secrets
from tools.guard_model.rows import Row

PASSWORDS = frozenset(make.__name__ for make in (*secrets.HUMAN, *secrets.RANDOM)) | {"login"}


def told(split: str, rows: Sequence[Row], p: NDArray[np.float64], threshold: float) -> None:
    """Print it all."""
    y = np.array([row.label for row in rows])
    flagged = p >= threshold
    named = np.array([bool(row.candidate.variable) for row in rows])
    passwords = np.array([row.family in PASSWORDS for row in rows])
    lines = [
        f"\n{split}",
        _line("all", y, flagged),
        _line("with a name", y[named], flagged[named]),
        _line("value alone", y[~named], flagged[~named]),
        _line("passwords and all look-alikes", y[passwords | ~y], flagged[passwords | ~y]),
        f"reliability (p -> share that are secrets): {_reliability(y, p)}",
    ]
    by_family: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_family[row.label, row.family.split()[0] if row.family.startswith("natural") else row.family].append(number)
    for (label, family), numbers in sorted(by_family.items()):
        share = flagged[numbers].mean()
        lines.append(f"  {'secret' if label else 'other'} {family}: {share:.3f} flagged of {len(numbers)}")
    sys.stdout.write("\n".join(lines) + "\n")


def _line(what: str, y: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> str:
    found = (y & flagged).sum()
    precision, recall = found / max(1, flagged.sum()), found / max(1, y.sum())
    wrong = (flagged & ~y).sum() / max(1, (~y).sum())
    return f"{what}: precision {precision:.3f}, recall {recall:.3f}, look-alikes flagged {wrong:.3f}, rows {len(y)}"


def _reliability(y: NDArray[np.bool_], p: NDArray[np.float64]) -> str:
    cuts = np.linspace(0, 1, 11)
    parts = []
    for low, high in pairwise(cuts):
        inside = (p >= low) & (p < high)
        if inside.sum() > 20:
            parts.append(f"{p[inside].mean():.2f} -> {y[inside].mean():.2f} ({inside.sum()})")
    return ", ".join(parts)
