"""Random walk with drift: each bar goes on as the average bar of the training rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.baselines.log_returns import log_of_return, return_of_log
from forecasting.baselines.symbol_rows import SymbolRows
from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import column_of, validate_training
from forecasting.types import FloatArray

FILE = "drift.json"


class Drift:
    """Forecast exp(h m) - 1, m being the mean log return of one bar and h the look-ahead in bars.

    Without gaps h m is h / T log(p_T / p_0): the line from the first price to the last, drawn on. It averages
    each bar once, where `Naive` averages labels that overlap. A symbol without a single one-bar return gets
    the mean of all rows; where no row has one, the forecast is 0.

    Parameters
    ----------
    column
        Name of the feature that holds the simple return over the last bar.
    look_ahead_bars
        Length of the label span in base candles.
    symbol_columns
        Names of the one-hot columns, one a symbol.

    Attributes
    ----------
    symbols_
        Columns of X that tell the symbols.
    returns_
        Shape (symbols + 1,): forecast for each symbol, then for any other, fractions.

    References
    ----------
    Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd edition, section 5.2.
    """

    name = "drift"

    def __init__(self, column: str, look_ahead_bars: int, symbol_columns: tuple[str, ...]) -> None:
        self.column = column
        self.look_ahead_bars = look_ahead_bars
        self.symbol_columns = symbol_columns

    def fit(self, train: Dataset) -> Self:
        """Average the log returns; see `Member.fit`."""
        validate_training(train)
        symbols = SymbolRows.find(self.symbol_columns, train)
        bars = log_of_return(train.X[:, column_of(self.column, train)])
        overall = _mean(bars, 0.0)
        means = [_mean(bars[rows], overall) for rows in symbols.masks(train.X)]
        self.symbols_ = symbols
        self.returns_ = return_of_log(self.look_ahead_bars * np.array([*means, overall]))
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Drift of each row's symbol over the look-ahead, shape (n,), fractions."""
        return self.returns_[self.symbols_.numbers(X)]

    def importances(self) -> FloatArray | None:
        """None: nothing was learned from features."""
        return None

    def dump(self) -> dict[str, bytes]:
        """One JSON file with the forecasts."""
        document = {
            "column": self.column,
            "look_ahead_bars": self.look_ahead_bars,
            "symbol_columns": self.symbol_columns,
            "positions": self.symbols_.positions,
            "returns": self.returns_.tolist(),
        }
        return {FILE: canonical_json(document)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        drift = cls(document["column"], int(document["look_ahead_bars"]), tuple(document["symbol_columns"]))
        drift.symbols_ = SymbolRows(tuple(document["positions"]))
        drift.returns_ = np.array(document["returns"], dtype=np.float64)
        return drift


def _mean(values: FloatArray, otherwise: float) -> float:
    present = values[~np.isnan(values)]
    return float(np.mean(present)) if len(present) else otherwise
