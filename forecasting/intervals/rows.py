"""Forecasts with their volatility and what came of them: what intervals are learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from forecasting.dataset import Dataset
from forecasting.types import FloatArray, IntArray

# Prices that stand still have no volatility, and their return is still not known in advance.
LEAST_VOLATILITY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ForecastRows:
    """Forecasts of a horizon, in any order, at most one a symbol and moment.

    Attributes
    ----------
    symbols
        The symbols that `symbol` numbers.
    symbol
        Shape (n,): index into `symbols`.
    as_of_ms, label_end_ms
        Shape (n,): the moment of each forecast and the moment its label is known, epoch milliseconds UTC.
    pred_return
        Shape (n,): forecast return, a fraction.
    volatility
        Shape (n,): of one bar, known at as_of; see `ewma_volatility`.
    y
        Shape (n,): realised return, a fraction; is looked at only once it is known.
    """

    symbols: tuple[str, ...]
    symbol: IntArray
    as_of_ms: IntArray
    label_end_ms: IntArray
    pred_return: FloatArray
    volatility: FloatArray
    y: FloatArray

    @classmethod
    def of(cls, rows: Dataset, pred_return: FloatArray) -> Self:
        """Build of rows and their forecasts, without those whose volatility is not known.

        Parameters
        ----------
        rows
            With volatility, n of them.
        pred_return
            Shape (n,): fractions.

        Raises
        ------
        ValueError
            The rows tell no volatility.
        """
        if rows.volatility is None:
            raise ValueError("the rows tell no volatility, which scales intervals: build them from candles")
        known = rows.take(~np.isnan(rows.volatility))
        return cls(
            symbols=known.symbols,
            symbol=known.symbol,
            as_of_ms=known.as_of_ms,
            label_end_ms=known.label_end_ms,
            pred_return=pred_return[~np.isnan(rows.volatility)],
            volatility=rows.volatility[~np.isnan(rows.volatility)],
            y=known.y,
        )

    def __len__(self) -> int:
        return len(self.y)

    def scores(self) -> FloatArray:
        """Distance of each return from its forecast, in volatilities of one bar, shape (n,)."""
        return np.abs(self.y - self.pred_return) / np.maximum(self.volatility, LEAST_VOLATILITY)

    def label_order(self) -> IntArray:
        """Rows in the order in which labels become known; those of one moment by the names of their symbols."""
        place = np.argsort(np.argsort(np.array(self.symbols)))
        return np.lexsort((place[self.symbol], self.label_end_ms)).astype(np.int64)
