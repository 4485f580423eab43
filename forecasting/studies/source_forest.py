"""The 7-day random forest of the source material: 300 trees of depth 8 with 5 rows a leaf, on ten features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.types import FloatArray

SOURCE_FEATURES = (
    "return_1d",
    "return_3d",
    "return_7d",
    "return_14d",
    "return_30d",
    "volatility_3d",
    "volatility_7d",
    "volatility_30d",
    "zscore_1d",
    "max_drawdown_30d",
)
MAX_DEPTH = 8
LEAST_LEAF_ROWS = 5


class SourceForest:
    """A forest that votes on the direction of the next seven days; everything else as scikit-learn has it.

    Parameters
    ----------
    random_state
        Seed of the draws of rows and columns.
    trees
        Number of trees.

    Attributes
    ----------
    forest_
        The fitted classifier.
    mean_size_
        Mean absolute return of the training rows, a fraction: what one whole vote is worth.
    label_end_ms_
        Last label end that fitting has seen, epoch milliseconds UTC.
    """

    def __init__(self, random_state: int = 42, trees: int = 300) -> None:
        self.random_state = random_state
        self.trees = trees

    def fit(self, train: Dataset) -> Self:
        """Grow the trees on the direction of each row's return."""
        from sklearn.ensemble import RandomForestClassifier

        forest: Any = RandomForestClassifier(
            self.trees,
            max_depth=MAX_DEPTH,
            min_samples_leaf=LEAST_LEAF_ROWS,
            n_jobs=2,
            random_state=self.random_state,
        )
        self.forest_ = forest.fit(train.X, train.y > 0)
        # Threads add the votes in the order they finish, which moves the last bit of their sum.
        self.forest_.n_jobs = 1
        self.mean_size_ = float(np.mean(np.abs(train.y)))
        self.label_end_ms_ = int(train.label_end_ms.max())
        return self

    def p_up(self, X: FloatArray) -> FloatArray:
        """Share of the votes for a rise, shape (n,), in [0, 1]."""
        votes = self.forest_.predict_proba(X)
        rises = np.flatnonzero(self.forest_.classes_)
        return np.asarray(votes[:, rises].sum(axis=1), dtype=np.float64)

    def pred_return(self, X: FloatArray) -> FloatArray:
        """Majority of the votes times the mean size of a return, shape (n,), fractions."""
        return (2 * self.p_up(X) - 1) * self.mean_size_
