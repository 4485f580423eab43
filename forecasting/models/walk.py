"""The compiled walk through an ensemble of trees: eight trees abreast, to the bits of one after the other.

Going down a tree is waiting: for a node, for a comparison, and for a branch that the processor guessed wrong. Here
eight trees go down together, each as many steps as the deepest of the eight needs, and no step branches: a row's
values stand in a table in which a missing value already lies on the side that it goes to, the right child of a node
stands beside its left one, and a leaf leads to itself. Leaves are added in the order of the trees, so the sum is that
of a plain walk to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forecasting.features.compilation import compiled
from forecasting.types import BoolArray, FloatArray, IntArray

ABREAST = 8
# LightGBM takes numbers of this size for zero, before any tree sees them.
LEAST_SIZE = float(np.float32(1e-35))
NODE = np.dtype([("threshold", np.float64), ("column", np.int32), ("left", np.int32)])


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """Trees as their library tells them: m splits, l leaves, each numbered through all trees.

    A child is the number of a later split of the same tree, or ~n for leaf n.

    Attributes
    ----------
    roots
        Shape (trees,): each tree's first split, or ~n of its only leaf.
    feature
        Shape (m,): number of the feature asked about.
    threshold
        Shape (m,): a value at or below it goes left.
    left, right
        Shape (m,): children.
    missing_left
        Shape (m,): whether a missing value goes left.
    zero_missing
        Shape (m,): whether a zero counts as missing.
    leaves
        Shape (l,): what each leaf adds.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    zero_missing: BoolArray
    leaves: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TreeWalk:
    """Trees laid out for the walk: first all roots, then the two children of each split side by side.

    Attributes
    ----------
    features
        Number of features in a row.
    single
        Whether features are compared as 32-bit numbers, as scikit-learn does, or as 64-bit ones with the smallest
        taken for zero, as LightGBM does.
    nodes
        Shape (nodes,): threshold, column of the row's table, and number of the left child.
    values
        Shape (nodes,): what a leaf adds; 0 elsewhere.
    depths
        Shape (groups,): steps down to the deepest leaf of each group of eight trees.
    """

    features: int
    single: bool
    nodes: NDArray[Any]
    values: FloatArray
    depths: IntArray

    @classmethod
    def through(cls, splits: Splits, features: int, *, single: bool) -> Self:
        """Lay trees out.

        Raises
        ------
        ValueError
            A split asks about a feature that there is not, or leads to no later split and no leaf.
        """
        _validate(splits, features)
        groups = -(-len(splits.roots) // ABREAST)
        first = groups * ABREAST
        nodes = np.zeros(first + 2 * len(splits.feature), dtype=NODE)
        values = np.zeros(len(nodes))
        # A leaf compares nothing with the infinite and so goes on to its left: itself. Roots without a tree add 0.
        nodes["threshold"], nodes["column"], nodes["left"] = np.inf, 4 * features, np.arange(len(nodes))
        columns = splits.feature + features * (splits.missing_left + 2 * splits.zero_missing)
        children = np.concatenate([splits.roots, np.column_stack([splits.left, splits.right]).ravel()])
        places = np.concatenate([np.arange(len(splits.roots)), np.arange(first, len(nodes))])
        inner, ends = children >= 0, children < 0
        asking, asked = places[inner], children[inner]
        nodes["threshold"][asking] = splits.threshold[asked]
        nodes["column"][asking] = columns[asked]
        nodes["left"][asking] = first + 2 * asked
        values[places[ends]] = splits.leaves[~children[ends]]
        deepest = np.zeros(first, dtype=np.int64)
        deepest[: len(splits.roots)] = _depths(splits)
        return cls(features, single, nodes, values, deepest.reshape(groups, ABREAST).max(axis=1))

    def sums(self, X: FloatArray) -> FloatArray:
        """Sum of the leaves that each row ends in, shape (n,), trees added in their order from 0.

        Raises
        ------
        ValueError
            X has another number of columns.
        """
        rows = np.ascontiguousarray(X, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.features:
            raise ValueError(f"rows of shape {rows.shape} were given, (rows, {self.features}) is needed")
        sums = np.empty(len(rows))
        _add_leaves(rows, self.single, self.nodes, self.values, self.depths, sums)
        return sums


def joined(trees: Sequence[Splits]) -> Splits:
    """Join trees that are each numbered from 0: splits and leaves are numbered through all of them."""
    splits = np.cumsum([0, *(len(each.feature) for each in trees)])
    leaves = np.cumsum([0, *(len(each.leaves) for each in trees)])

    def shifted(name: str) -> IntArray:
        found = [getattr(each, name) for each in trees]
        return np.concatenate(
            [
                np.where(of >= 0, of + split, of - leaf)
                for of, split, leaf in zip(found, splits[:-1], leaves[:-1], strict=True)
            ]
        ).astype(np.int64)

    def beside(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(each, name) for each in trees])

    return Splits(
        roots=shifted("roots"),
        feature=beside("feature"),
        threshold=beside("threshold"),
        left=shifted("left"),
        right=shifted("right"),
        missing_left=beside("missing_left"),
        zero_missing=beside("zero_missing"),
        leaves=beside("leaves"),
    )


def _validate(splits: Splits, features: int) -> None:
    own = np.arange(len(splits.feature))
    for children, earliest in ((splits.left, own + 1), (splits.right, own + 1), (splits.roots, 0)):
        inside = (children < len(own)) & (~children < len(splits.leaves))
        if not (inside & ((children < 0) | (children >= earliest))).all():
            raise ValueError("a split leads to no later split and no leaf: the trees are damaged")
    if not ((splits.feature >= 0) & (splits.feature < features)).all():
        raise ValueError(f"a split asks about a feature beyond the {features} that a row has")


def _depths(splits: Splits) -> IntArray:
    """Count the splits on the longest way down each tree, shape (trees,)."""
    depths = np.zeros(len(splits.roots), dtype=np.int64)
    nodes, trees = splits.roots, np.arange(len(splits.roots))
    while (inner := nodes >= 0).any():
        nodes, trees = nodes[inner], trees[inner]
        depths[np.unique(trees)] += 1
        nodes = np.concatenate([splits.left[nodes], splits.right[nodes]])
        trees = np.concatenate([trees, trees])
    return depths


@compiled
def _place(row: FloatArray, single: bool, table: FloatArray) -> None:
    """Write a row four times beside each other, once for each rule of what is missing and where it goes.

    Nothing compares as less than NaN, so NaN goes right; everything but NaN is more than the negative infinite.
    """
    features = len(row)
    for feature in range(features):
        value = row[feature]
        if single:
            value = np.float64(np.float32(value))
        elif abs(value) <= LEAST_SIZE:
            value = 0.0
        nonzero = np.nan if value == 0.0 else value
        table[feature] = value
        table[features + feature] = -np.inf if np.isnan(value) else value
        table[2 * features + feature] = nonzero
        table[3 * features + feature] = -np.inf if np.isnan(nonzero) else nonzero


@compiled
def _add_leaves(
    X: FloatArray,
    single: bool,
    nodes: NDArray[Any],
    values: FloatArray,
    depths: IntArray,
    out: FloatArray,
) -> None:
    table = np.empty(4 * X.shape[1] + 1)
    table[-1] = 0.0  # what leaves ask about
    at = np.empty(ABREAST, dtype=np.int64)
    for number in range(len(X)):
        _place(X[number], single, table)
        total = 0.0
        for group in range(len(depths)):
            for tree in range(ABREAST):
                at[tree] = group * ABREAST + tree
            for _ in range(depths[group]):
                for tree in range(ABREAST):
                    node = nodes[at[tree]]
                    at[tree] = node["left"] + (not table[node["column"]] <= node["threshold"])
            for tree in range(ABREAST):
                total += values[at[tree]]
        out[number] = total
