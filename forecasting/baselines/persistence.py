"""Persistence: what moved will move on by as much."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.baselines.naive import Naive
from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import column_of
from forecasting.types import FloatArray

FILE = "persistence.json"


class Persistence:
    """Forecast the return over the look-ahead that has just passed; where it is missing, the naive mean.

    Parameters
    ----------
    column
        Name of the feature that holds the return over the last look-ahead.
    symbol_columns
        Names of the one-hot columns, one a symbol.

    Attributes
    ----------
    position_
        Column of X that holds the return.
    naive_
        What answers where the return is missing.
    """

    name = "persistence"

    def __init__(self, column: str, symbol_columns: tuple[str, ...]) -> None:
        self.column = column
        self.symbol_columns = symbol_columns

    def fit(self, train: Dataset) -> Self:
        """Find the column and average the labels; see `Member.fit`."""
        naive = Naive(self.symbol_columns).fit(train)
        self.position_ = column_of(self.column, train)
        self.naive_ = naive
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Return over the last look-ahead, shape (n,), fractions."""
        passed = X[:, self.position_]
        return np.where(np.isnan(passed), self.naive_.predict(X), passed)

    def importances(self) -> FloatArray | None:
        """None: nothing was learned from features."""
        return None

    def dump(self) -> dict[str, bytes]:
        """Give the naive mean's file and one JSON file with the column."""
        document = {"column": self.column, "position": self.position_}
        return {FILE: canonical_json(document), **self.naive_.dump()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        naive = Naive.load(files)
        persistence = cls(document["column"], naive.symbol_columns)
        persistence.position_ = int(document["position"])
        persistence.naive_ = naive
        return persistence
