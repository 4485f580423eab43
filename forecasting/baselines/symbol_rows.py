"""Rows by symbol, as one-hot columns tell them, and their one-bar returns in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.baselines.log_returns import log_of_return
from forecasting.dataset import Dataset
from forecasting.member import column_of
from forecasting.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SymbolRows:
    """Where the columns stand that tell the symbol of a row.

    Attributes
    ----------
    positions
        Columns of X with 1 for one symbol each and 0 elsewhere.
    """

    positions: tuple[int, ...]

    @classmethod
    def find(cls, names: Sequence[str], train: Dataset) -> SymbolRows:
        """Positions of the named columns."""
        return cls(tuple(column_of(name, train) for name in names))

    def masks(self, X: FloatArray) -> list[BoolArray]:
        """Rows of each symbol, shape (n,) each, in the order of the positions."""
        return [X[:, position] == 1.0 for position in self.positions]

    def numbers(self, X: FloatArray) -> IntArray:
        """Give the number of each row's symbol, shape (n,); the one after the last for a symbol that is not known."""
        numbers = np.full(len(X), len(self.positions), dtype=np.int64)
        for number, rows in enumerate(self.masks(X)):
            numbers[rows] = number
        return numbers


def bar_log_returns(train: Dataset, rows: BoolArray, column: int, look_ahead_bars: int) -> FloatArray:
    """Log returns of consecutive bars of one symbol, NaN where a bar has no row or no return.

    Parameters
    ----------
    train
        Rows whose labels span `look_ahead_bars` bars.
    rows
        Shape (n,): the symbol's rows.
    column
        Column of X with the simple return over the last bar, a fraction.
    look_ahead_bars
        Length of the label span in bars.
    """
    as_of_ms = train.as_of_ms[rows]
    if not len(as_of_ms):
        return np.empty(0)
    step_ms = int(train.label_end_ms[rows][0] - as_of_ms[0]) // look_ahead_bars
    bar = (as_of_ms - as_of_ms.min()) // step_ms
    series = np.full(int(bar.max()) + 1, np.nan)
    series[bar] = log_of_return(train.X[rows, column])
    return series
