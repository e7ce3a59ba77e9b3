"""How much letters in a row are like those of words: a model of three letters, made when the scorer is trained.

A run of letters in words and in names of code costs 2 to 3 bits a letter, a random one 6 and more.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

SIZE = 27
"""The letters, and what stands for the beginning and the end of a run."""
STEP = 16.0
"""Parts of a bit that a cost is kept in."""
_RUNS = re.compile(r"[A-Za-z][a-z]*|[A-Z]+")


class Letters:
    """Costs in bits of each letter after two others."""

    def __init__(self, costs: bytes) -> None:
        self._costs = costs

    def bits(self, text: str) -> tuple[float, float]:
        """Bits per letter of all runs, and of the run that is least like a word (0 without letters)."""
        total = worst = 0.0
        letters = 0
        for run in _RUNS.findall(text):
            cost = self._of(run)
            total += cost
            letters += len(run)
            worst = max(worst, cost / (len(run) + 1))
        return (total / letters, worst) if letters else (0.0, 0.0)

    def _of(self, run: str) -> float:
        costs, spent, context = self._costs, 0, 0
        for code in (*run.lower().encode(), 0):
            letter = code - 96 if code else 0
            at = context * SIZE + letter
            spent += costs[at]
            context = at % (SIZE * SIZE)
        return spent / STEP


def learned(words: Iterable[str]) -> Letters:
    """The model of these words; what was never seen is smoothed by what two letters and one say."""
    return Letters(bytes(costs(words)))


def costs(words: Iterable[str]) -> Sequence[int]:
    """The cost of each letter after two others, in 1/16 bits, at most 255."""
    three: Counter[int] = Counter()
    for word in words:
        context = 0
        for code in (*word.lower().encode(), 0):
            at = context * SIZE + (code - 96 if code else 0)
            three[at] += 1
            context = at % (SIZE * SIZE)
    two, one = Counter[int](), Counter[int]()
    for at, count in three.items():
        two[at % (SIZE * SIZE)] += count
        one[at % SIZE] += count
    return [_cost(at, three, two, one) for at in range(SIZE**3)]


def _cost(at: int, three: Counter[int], two: Counter[int], one: Counter[int]) -> int:
    last = (one[at % SIZE] + 1) / (sum(one.values()) + SIZE)
    pair = (two[at % (SIZE * SIZE)] + 8 * last) / (_after(two, at % (SIZE * SIZE)) + 8)
    triple = (three[at] + 4 * pair) / (_after(three, at) + 4)
    return min(255, round(-math.log2(triple) * STEP))


def _after(counts: Counter[int], at: int) -> int:
    first = at - at % SIZE
    return sum(counts[first + letter] for letter in range(SIZE))
