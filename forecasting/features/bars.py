"""Candles as the kernels read them, and as one's own features are given them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Columns of one symbol's closed candles, oldest first; no value is missing, an absent candle has no row.

    Attributes
    ----------
    bar
        Shape (n,): each candle's number on the interval's grid, strictly increasing by one; where candles are
        absent it jumps. Counted from 1970.
    open, high, low, close
        Shape (n,): prices in quote currency, finite and positive.
    volume
        Shape (n,): traded amount, finite, not negative.
    as_of_ms
        Shape (n,): close of each candle, the moment of its row, epoch milliseconds UTC.
    """

    bar: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    as_of_ms: IntArray

    def __len__(self) -> int:
        return len(self.bar)

    @classmethod
    def of(cls, candles: Candles, first: int, last: int) -> Bars:
        """Columns of the candles first..last-1."""
        opens = candles.open_time_ms[first:last]
        step_ms = candles.interval_ms

        def column(values: FloatArray) -> FloatArray:
            # One compiled signature serves all: contiguous and writable, copied only where they are not.
            return np.require(values[first:last], np.float64, ["C", "W"])

        return cls(
            opens // step_ms,
            column(candles.open),
            column(candles.high),
            column(candles.low),
            column(candles.close),
            column(candles.volume),
            opens + step_ms,
        )

    def between(self, first: int, last: int) -> Bars:
        """Columns of the rows first..last-1."""
        return Bars(*(getattr(self, name)[first:last] for name in self.__slots__))

    def read_only(self) -> Bars:
        """Return the same columns as views that cannot be written to."""
        views = [getattr(self, name).view() for name in self.__slots__]
        for view in views:
            view.flags.writeable = False
        return Bars(*views)
