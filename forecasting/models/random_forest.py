"""Random forest: grown by scikit-learn, kept as plain arrays, asked through a compiled walk of its trees."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.member import column_of, validate_training
from forecasting.models.forest import Forest, flatten
from forecasting.models.uniqueness import row_weights
from forecasting.types import FloatArray

FILE = "forest.npz"


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
    walk_
        The same, laid out to be walked.
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
        # scikit-learn's threads, in growing and in asking for importances, reset the filters of warnings, and the last to
        # end may leave them empty for ever: the next forest then warns once a tree.
        with warnings.catch_warnings():
            self._keep(flatten(self._grow(self._visible(train), weights)))
        return self

    def _keep(self, forest: Forest) -> None:
        self.forest_, self.walk_ = forest, forest.walk()

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
        return self.walk_.sums(X) / len(self.forest_.roots)

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
        loaded._keep(forest)
        return loaded
