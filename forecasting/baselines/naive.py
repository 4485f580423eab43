"""The naive baseline: each symbol's historical mean return."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import column_of, validate_training
from forecasting.types import FloatArray

FILE = "naive.json"


class Naive:
    """Forecast the mean label of the row's symbol over the training rows.

    A symbol that training did not see, recognised by zeros in all one-hot columns, gets the mean over all
    rows. The drift is in the baseline on purpose: against a baseline of zero an always-long model would
    look able.

    Parameters
    ----------
    symbol_columns
        Names of the one-hot columns, one a symbol.

    Attributes
    ----------
    overall_
        Mean label of all training rows, a fraction.
    positions_
        Columns of X that tell the symbols.
    means_
        Mean label of each symbol's training rows, in the order of `positions_`, fractions.
    """

    name = "naive"

    def __init__(self, symbol_columns: tuple[str, ...]) -> None:
        self.symbol_columns = symbol_columns

    def fit(self, train: Dataset) -> Self:
        """Average the labels; see `Member.fit`."""
        validate_training(train)
        positions = tuple(column_of(name, train) for name in self.symbol_columns)
        self.overall_ = float(np.mean(train.y))
        self.positions_ = positions
        self.means_ = tuple(self._mean_of(train, position) for position in positions)
        return self

    def _mean_of(self, train: Dataset, position: int) -> float:
        rows = train.X[:, position] == 1.0
        return float(np.mean(train.y[rows])) if rows.any() else self.overall_

    def predict(self, X: FloatArray) -> FloatArray:
        """Mean return of each row's symbol, shape (n,), fractions."""
        forecast = np.full(len(X), self.overall_)
        # All columns at once: of a hundred symbols one after the other would take longer than the models beside it.
        rows, symbols = np.nonzero(X[:, self.positions_] == 1.0)
        forecast[rows] = np.array(self.means_)[symbols]
        return forecast

    def importances(self) -> FloatArray | None:
        """None: nothing was learned from features."""
        return None

    def dump(self) -> dict[str, bytes]:
        """One JSON file with the means."""
        document = {
            "symbol_columns": self.symbol_columns,
            "positions": self.positions_,
            "overall": self.overall_,
            "means": self.means_,
        }
        return {FILE: canonical_json(document)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        naive = cls(tuple(document["symbol_columns"]))
        naive.overall_ = float(document["overall"])
        naive.positions_ = tuple(document["positions"])
        naive.means_ = tuple(document["means"])
        return naive
