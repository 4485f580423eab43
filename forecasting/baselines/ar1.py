"""First-order autoregression: the last bar's surprise fades by the same factor with each bar."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Self

import numpy as np

from forecasting.baselines.log_returns import log_of_return, return_of_log
from forecasting.baselines.symbol_rows import SymbolRows, bar_log_returns
from forecasting.dataset import Dataset
from forecasting.documents import canonical_json
from forecasting.member import column_of, validate_training
from forecasting.types import FloatArray

FILE = "ar1.json"
LEAST_PAIRS = 30
LARGEST_FACTOR = 0.99


class Ar1:
    """Forecast exp(l_1 + ... + l_h) - 1 with l_i = c + f l_(i-1), l_0 being the log return of the last bar.

    c and f are the least squares line of each bar's log return on that of the bar before, for each symbol, over
    pairs of bars without a gap between them. A factor beyond +-0.99 is held there: returns are no random
    walk. A symbol with fewer than 30 pairs gets the line of all symbols, and a row whose last return is missing
    the sum that the series comes back to, h c / (1 - f).

    Parameters
    ----------
    column
        Name of the feature that holds the simple return over the last bar.
    look_ahead_bars
        Length h of the label span in base candles.
    symbol_columns
        Names of the one-hot columns, one a symbol.

    Attributes
    ----------
    position_
        Column of X with the last return.
    symbols_
        Columns of X that tell the symbols.
    means_, loads_
        Shape (symbols + 1,): for each symbol, then for any other, the mean of one bar's log return and what
        part of the last bar's distance from it the sum over the look-ahead holds.

    References
    ----------
    Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, 5th edition, section 5.2.
    """

    name = "ar1"

    def __init__(self, column: str, look_ahead_bars: int, symbol_columns: tuple[str, ...]) -> None:
        self.column = column
        self.look_ahead_bars = look_ahead_bars
        self.symbol_columns = symbol_columns

    def fit(self, train: Dataset) -> Self:
        """Draw the line of each symbol; see `Member.fit`."""
        validate_training(train)
        position, symbols = column_of(self.column, train), SymbolRows.find(self.symbol_columns, train)
        pairs = [
            _pairs(bar_log_returns(train, rows, position, self.look_ahead_bars))
            for rows in symbols.masks(train.X)
        ]
        overall = _line(np.concatenate([np.empty((0, 2)), *pairs]), (0.0, 0.0))
        lines = [*(_line(each, overall) for each in pairs), overall]
        self.position_, self.symbols_ = position, symbols
        self.means_ = np.array([constant / (1 - factor) for constant, factor in lines])
        self.loads_ = np.array([_faded_sum(factor, self.look_ahead_bars) for _, factor in lines])
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """Give the return expected over the look-ahead, shape (n,), fractions."""
        number = self.symbols_.numbers(X)
        mean = self.means_[number]
        surprise = log_of_return(X[:, self.position_]) - mean
        known = np.where(np.isnan(surprise), 0.0, surprise)
        return return_of_log(self.look_ahead_bars * mean + self.loads_[number] * known)

    def importances(self) -> FloatArray | None:
        """None: one feature is used, by construction."""
        return None

    def dump(self) -> dict[str, bytes]:
        """One JSON file with means and loads."""
        document = {
            "column": self.column,
            "look_ahead_bars": self.look_ahead_bars,
            "symbol_columns": self.symbol_columns,
            "position": self.position_,
            "positions": self.symbols_.positions,
            "means": self.means_.tolist(),
            "loads": self.loads_.tolist(),
        }
        return {FILE: canonical_json(document)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Self:
        """Inverse of `dump`."""
        document = json.loads(files[FILE])
        ar1 = cls(document["column"], int(document["look_ahead_bars"]), tuple(document["symbol_columns"]))
        ar1.position_ = int(document["position"])
        ar1.symbols_ = SymbolRows(tuple(document["positions"]))
        ar1.means_ = np.array(document["means"], dtype=np.float64)
        ar1.loads_ = np.array(document["loads"], dtype=np.float64)
        return ar1


def _pairs(series: FloatArray) -> FloatArray:
    """Shape (pairs, 2): log returns of a bar and of the next, both present."""
    both = np.column_stack([series[:-1], series[1:]])
    return both[~np.isnan(both).any(axis=1)]


def _line(pairs: FloatArray, otherwise: tuple[float, float]) -> tuple[float, float]:
    """Constant and factor of least squares."""
    if len(pairs) < LEAST_PAIRS:
        return otherwise
    before, after = pairs[:, 0] - np.mean(pairs[:, 0]), pairs[:, 1] - np.mean(pairs[:, 1])
    spread = float(np.sum(before * before))
    factor = float(np.sum(before * after)) / spread if spread > 0 else 0.0
    factor = math.copysign(min(abs(factor), LARGEST_FACTOR), factor)
    return float(np.mean(pairs[:, 1])) - factor * float(np.mean(pairs[:, 0])), factor


def _faded_sum(factor: float, bars: int) -> float:
    """Sum of factor^1 to factor^bars."""
    return sum(factor**bar for bar in range(1, bars + 1))
