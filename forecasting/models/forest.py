"""Trees kept as plain arrays, as a bundle holds them, and the plain way through them that explanations take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.features.compilation import compiled
from forecasting.models.walk import Splits, TreeWalk
from forecasting.types import FloatArray, IntArray

LEAF = -1


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees laid one after the other.

    Attributes
    ----------
    roots
        Shape (trees,): number of each tree's first node.
    feature
        Shape (nodes,): column that a node asks about; -1 marks a leaf.
    threshold
        Shape (nodes,): a value at or below it goes left.
    left, right
        Shape (nodes,): number of the next node.
    missing_left
        Shape (nodes,): 1 where a missing value goes left.
    value
        Shape (nodes,): mean label of the training rows in the node, a fraction.
    importances
        Shape (k,): share of each feature in the fall of squared error; sums to 1, or to 0 without any split.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: NDArray[np.uint8]
    value: FloatArray
    importances: FloatArray

    @property
    def _branches(self) -> tuple[IntArray, IntArray, FloatArray, IntArray, IntArray, NDArray[np.uint8]]:
        return self.roots, self.feature, self.threshold, self.left, self.right, self.missing_left

    def walk(self) -> TreeWalk:
        """Lay the trees out to be walked.

        Raises
        ------
        ValueError
            As `TreeWalk.through`.
        """
        inner = self.feature >= 0
        # Splits and leaves are numbered apart, each in the order of the nodes.
        number = np.where(inner, np.cumsum(inner) - 1, ~(np.cumsum(~inner) - 1))
        return TreeWalk.through(
            Splits(
                roots=number[self.roots],
                feature=self.feature[inner],
                threshold=self.threshold[inner],
                left=number[self.left[inner]],
                right=number[self.right[inner]],
                missing_left=self.missing_left[inner] == 1,
                zero_missing=np.zeros(int(inner.sum()), dtype=np.bool_),
                leaves=self.value[~inner],
            ),
            len(self.importances),
            single=True,
        )

    def mean_answer(self, X: FloatArray) -> FloatArray:
        """Mean value of the leaves that each row ends in, shape (n,), trees added in their order.

        One node after the other: what the walk's answers are held against.
        """
        answer = np.empty(len(X))
        _add_leaves(single(X), *self._branches, self.value, answer)
        return answer

    def rows_in_leaves(self, X: FloatArray) -> FloatArray:
        """Count the rows that end in each leaf, shape (nodes,); 0 in other nodes."""
        counts = np.zeros(len(self.feature))
        _count_leaves(single(X), *self._branches, counts)
        return counts


def single(X: FloatArray) -> NDArray[np.float32]:
    """Features as 32-bit numbers: the trees were grown on those, so their thresholds are compared with those."""
    return np.ascontiguousarray(X, dtype=np.float32)


def flatten(fitted: Any) -> Forest:
    """Lay the trees of a fitted scikit-learn forest one after the other."""
    trees = [estimator.tree_ for estimator in fitted.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])], dtype=np.int64)
    left = _joined([tree.children_left for tree in trees], roots)
    right = _joined([tree.children_right for tree in trees], roots)
    feature = np.concatenate([tree.feature for tree in trees]).astype(np.int64)
    return Forest(
        roots=roots,
        feature=np.where(left == LEAF, LEAF, feature),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=left,
        right=right,
        missing_left=np.concatenate([tree.missing_go_to_left for tree in trees]).astype(np.uint8),
        # The mean label; of a classifier, the share of the later of its classes.
        value=np.concatenate([tree.value[:, 0, -1] for tree in trees]),
        importances=np.asarray(fitted.feature_importances_, dtype=np.float64),
    )


def _joined(children: list[IntArray], roots: IntArray) -> IntArray:
    shifted = [np.where(of == LEAF, LEAF, of + root) for of, root in zip(children, roots, strict=True)]
    return np.concatenate(shifted).astype(np.int64)


@compiled
def _leaf(
    row: NDArray[np.float32],
    root: int,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: NDArray[np.uint8],
) -> int:
    """Node in which a row's way through one tree ends."""
    node = root
    while feature[node] >= 0:
        asked = row[feature[node]]
        goes_left = missing_left[node] == 1 if np.isnan(asked) else asked <= threshold[node]
        node = left[node] if goes_left else right[node]
    return node


@compiled
def _add_leaves(
    X: NDArray[np.float32],
    roots: IntArray,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: NDArray[np.uint8],
    value: FloatArray,
    out: FloatArray,
) -> None:
    for number in range(len(X)):
        total = 0.0
        for root in roots:
            total += value[_leaf(X[number], root, feature, threshold, left, right, missing_left)]
        out[number] = total / len(roots)


@compiled
def _count_leaves(
    X: NDArray[np.float32],
    roots: IntArray,
    feature: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    missing_left: NDArray[np.uint8],
    out: FloatArray,
) -> None:
    for number in range(len(X)):
        for root in roots:
            out[_leaf(X[number], root, feature, threshold, left, right, missing_left)] += 1.0
