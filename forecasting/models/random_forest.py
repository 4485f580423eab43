"""Random forest: grown by scikit-learn, kept as plain arrays, asked through a compiled walk of its trees."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forecasting.dataset import Dataset
from forecasting.features.compilation import compiled
from forecasting.member import column_of, validate_training
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray, IntArray

FILE = "forest.npz"
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


class RandomForest:
    """Mean of regression trees, each grown on rows drawn at random.

    scikit-learn adds the trees' answers in the order its threads finish, so its sums differ in the last bit
    from call to call. Here they are added tree by tree: sums and one division, nothing a compiler may
    contract or reorder, so that the same files give the same bits on every machine.

    Parameters
    ----------
    random_state
        Seed of the draws of rows and columns.
    trees
        Number of trees; more only lower the noise of the draw.
    max_depth
        Deepest level of a split; returns are mostly noise, so trees are kept shallow.
    least_leaf_rows
        Fewest rows in a leaf; None takes the larger of 20 and a 400th of the rows.
    feature_share
        Share of the features that each split chooses from.
    row_share
        Share of the rows that each tree draws, with replacement; None draws as many as there are.
    left_out
        Name of a feature that no tree may ask about; None asks about all.
    uniqueness
        Whether each row counts by how little its label overlaps with others; see `average_uniqueness`.

    Attributes
    ----------
    forest_
        The fitted trees.
    """

    name = "rf"

    def __init__(
        self,
        random_state: int = 7,
        trees: int = 150,
        max_depth: int = 6,
        least_leaf_rows: int | None = None,
        feature_share: float = 1 / 3,
        row_share: float | None = 0.5,
        left_out: str | None = None,
        uniqueness: bool = False,
    ) -> None:
        self.random_state = random_state
        self.trees = trees
        self.max_depth = max_depth
        self.least_leaf_rows = least_leaf_rows
        self.feature_share = feature_share
        self.row_share = row_share
        self.left_out = left_out
        self.uniqueness = uniqueness

    def fit(self, train: Dataset, weights: FloatArray | None = None) -> Self:
        """Grow the trees; see `Member.fit`.

        Parameters
        ----------
        train
            Rows whose labels are known.
        weights
            Shape (n,): how much each row counts; None counts all alike, or by uniqueness if asked. Rows are drawn alike either way.
        """
        validate_training(train)
        weights = row_weights(train, weights, self.uniqueness)
        self.forest_ = flatten(self._grow(self._visible(train), weights))
        return self

    def _visible(self, train: Dataset) -> Dataset:
        if self.left_out is None:
            return train
        X = train.X.copy()
        # Nothing splits on a column that is missing throughout.
        X[:, column_of(self.left_out, train)] = np.nan
        return replace(train, X=X)

    def _grow(self, train: Dataset, weights: FloatArray | None = None) -> Any:
        from sklearn.ensemble import RandomForestRegressor

        return RandomForestRegressor(**self._settings(train)).fit(train.X, train.y, sample_weight=weights)

    def _settings(self, train: Dataset) -> dict[str, Any]:
        return {
            "n_estimators": self.trees,
            "max_depth": self.max_depth,
            "min_samples_leaf": self.least_leaf_rows or max(20, len(train) // 400),
            "max_features": self.feature_share,
            "max_samples": self.row_share,
            "n_jobs": 2,
            "random_state": self.random_state,
        }

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean answer of the trees, shape (n,), fractions."""
        forest = self.forest_
        forecast = np.empty(len(X))
        # The trees were grown on 32-bit features, so that is what their thresholds are compared with.
        walk_forest(
            np.ascontiguousarray(X, dtype=np.float32),
            forest.roots,
            forest.feature,
            forest.threshold,
            forest.left,
            forest.right,
            forest.missing_left,
            forest.value,
            forecast,
        )
        return forecast

    def importances(self) -> FloatArray | None:
        """Shape (k,): share of each feature in the fall of squared error; None when no tree found a split."""
        return self.forest_.importances if self.forest_.importances.any() else None

    def dump(self) -> dict[str, bytes]:
        """One uncompressed npz file with the arrays of the trees."""
        content = io.BytesIO()
        np.savez(content, **{field.name: getattr(self.forest_, field.name) for field in fields(Forest)})
        return {FILE: content.getvalue()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump` for what `predict` needs."""
        with np.load(io.BytesIO(files[FILE]), allow_pickle=False) as arrays:
            forest = Forest(**{field.name: arrays[field.name] for field in fields(Forest)})
        loaded = cls(trees=len(forest.roots))
        loaded.forest_ = forest
        return loaded


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
def walk_forest(
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
    """Write the mean leaf value of each row to `out`, trees added in their order."""
    for row in range(len(X)):
        total = 0.0
        for root in roots:
            node = root
            while feature[node] >= 0:
                asked = X[row, feature[node]]
                goes_left = missing_left[node] == 1 if np.isnan(asked) else asked <= threshold[node]
                node = left[node] if goes_left else right[node]
            total += value[node]
        out[row] = total / len(roots)
