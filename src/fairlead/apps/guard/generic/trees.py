"""A small forest of decision trees that add up, as it is kept in a file: read, asked, and made to say why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """Nodes in a row; the first is the root. A leaf's `left` is 0."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    """Log odds that a node adds; of inner nodes too, so that each step can be told what it has changed."""


class Forest(msgspec.Struct, frozen=True):
    """Trees (Friedman, Greedy Function Approximation, 2001), and the log odds that they begin from."""

    base: float
    trees: tuple[Tree, ...]

    def odds(self, numbers: Sequence[float]) -> float:
        """The sum of the leaves, in log odds."""
        total = self.base
        for tree in self.trees:
            feature, threshold, left, right = tree.feature, tree.threshold, tree.left, tree.right
            at = 0
            while below := left[at]:
                at = below if numbers[feature[at]] <= threshold[at] else right[at]
            total += tree.value[at]
        return total

    def shares(self, numbers: Sequence[float]) -> dict[int, float]:
        """What each feature has added: each step's change of the value, by the feature asked (Saabas, 2014)."""
        shares: dict[int, float] = {}
        for tree in self.trees:
            at = 0
            while below := tree.left[at]:
                feature = tree.feature[at]
                step = below if numbers[feature] <= tree.threshold[at] else tree.right[at]
                shares[feature] = shares.get(feature, 0.0) + tree.value[step] - tree.value[at]
                at = step
        return shares
