"""What every member of an ensemble can do, baseline or model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.types import FloatArray


class Member(Protocol):
    """One estimator of returns.

    `__init__` only stores its arguments, `fit` forgets any earlier fit, `predict` changes nothing. Two fits
    on the same rows give equal `dump()` bytes, and the forecast of a row does not depend on the rows beside
    it.

    Attributes
    ----------
    name
        As in weights, scores and folders of a bundle.
    """

    name: str

    def fit(self, train: Dataset) -> Self:
        """Learn from rows whose labels are known.

        Raises
        ------
        ValueError
            The rows are none, a label is not finite, a feature is infinite, or a column that the member
            needs is absent.
        """
        ...

    def predict(self, X: FloatArray) -> FloatArray:
        """Forecast returns, shape (n,), finite fractions, from features, shape (n, k), NaN where missing."""
        ...

    def importances(self) -> FloatArray | None:
        """Shape (k,): share of each feature in what was learned, sum 1; None where nothing was learned."""
        ...

    def dump(self) -> dict[str, bytes]:
        """Everything that was learned, as file name to content; no pickles."""
        ...

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Build a fitted member from what `dump` gave; the caller has checked the digest of every file."""
        ...


def validate_training(train: Dataset) -> Dataset:
    """Return the same rows when a member can learn from them.

    Raises
    ------
    ValueError
        There are no rows, a label is not finite, or a feature is infinite.
    """
    if not len(train):
        raise ValueError("a member cannot be fitted on 0 rows: at least 1 is needed")
    if not np.isfinite(train.y).all():
        raise ValueError(f"{int((~np.isfinite(train.y)).sum())} labels are not finite: leave those rows out")
    if np.isinf(train.X).any():
        column = train.feature_names[int(np.argmax(np.isinf(train.X).any(axis=0)))]
        raise ValueError(f"feature {column} is infinite in some rows: NaN is the mark of a missing value")
    return train


def column_of(name: str, train: Dataset) -> int:
    """Position of a feature among the columns of X.

    Raises
    ------
    ValueError
        There is no such feature.
    """
    try:
        return train.feature_names.index(name)
    except ValueError:
        raise ValueError(f"feature {name} is needed, found {', '.join(train.feature_names)}") from None
