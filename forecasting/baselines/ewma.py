"""Exponentially weighted mean return: the recent drift goes on."""

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

FILE = "ewma.json"


class Ewma:
    """Forecast the exponentially weighted mean of one-bar returns times the look-ahead in bars.

    Where that mean is missing, the naive mean answers.

    Parameters
    ----------
    column
        Name of the feature that holds the weighted mean of one-bar returns.
    look_ahead_bars
        Length of the label span in base candles.
    symbol_columns
        Names of the one-hot columns, one a symbol.

    Attributes
    ----------
    position_
        Column of X that holds the weighted mean.
    naive_
        What answers where the weighted mean is missing.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition, section 5.2.
    """

    name = "ewma"

    def __init__(self, column: str, look_ahead_bars: int, symbol_columns: tuple[str, ...]) -> None:
        self.column = column
        self.look_ahead_bars = look_ahead_bars
        self.symbol_columns = symbol_columns

    def fit(self, train: Dataset) -> Self:
        """Find the column and average the labels; see `Member.fit`."""
        naive = Naive(self.symbol_columns).fit(train)
        self.position_ = column_of(self.column, train)
        self.naive_ = naive
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Weighted mean return over the look-ahead, shape (n,), fractions."""
        drift = X[:, self.position_] * self.look_ahead_bars
        return np.where(np.isnan(drift), self.naive_.predict(X), drift)

    def importances(self) -> FloatArray | None:
        """None: nothing was learned from features."""
        return None

    def dump(self) -> dict[str, bytes]:
        """Give the naive mean's file and one JSON file with the column and the look-ahead."""
        document = {
            "column": self.column,
            "look_ahead_bars": self.look_ahead_bars,
            "position": self.position_,
        }
        return {FILE: canonical_json(document), **self.naive_.dump()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        naive = Naive.load(files)
        ewma = cls(document["column"], int(document["look_ahead_bars"]), naive.symbol_columns)
        ewma.position_ = int(document["position"])
        ewma.naive_ = naive
        return ewma
