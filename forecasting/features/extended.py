"""The extended set's block of columns: one kernel after the other on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.features.activity import fill_activity
from forecasting.features.bars import Bars
from forecasting.features.clock import fill_clock
from forecasting.features.definitions.extended import RANGE_WINDOWS, WINDOW_BARS
from forecasting.features.momentum import fill_momentum, indicator_weights, momentum_windows
from forecasting.features.ranges import fill_ranges, variance_terms
from forecasting.features.regime import fill_regime_features, one_bar_log_returns
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ExtendedBlock:
    """Columns of one symbol's own candles.

    Attributes
    ----------
    bars, returns
        Candles, and the one-bar return of each.
    terms, log_returns
        What each candle adds to the range volatilities, and its one-bar log return.
    widths
        Columns of the momentum, range, activity, regime and clock kernels.
    width
        Their sum.
    """

    bars: Bars
    returns: FloatArray
    terms: FloatArray
    log_returns: FloatArray
    widths: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, bars: Bars, returns: FloatArray, widths: tuple[int, ...]) -> ExtendedBlock:
        """Block over candles, with what each of them adds computed once."""
        terms = variance_terms(bars.open, bars.high, bars.low, bars.close)
        return cls(bars, returns, terms, one_bar_log_returns(bars.bar, bars.close), widths, sum(widths))

    def fill(self, first: int, column: int, part: FloatArray) -> None:
        """See `Block`."""
        bars, last = self.bars, first + len(part)
        momentum, ranges, activity, regime, clock = column + np.cumsum((0, *self.widths[:-1]))
        fill_momentum(
            bars.bar, bars.close, self.returns, momentum_windows(), *indicator_weights(), first, last, momentum, part
        )  # fmt: skip
        fill_ranges(
            bars.bar, bars.open, bars.high, bars.low, bars.close, self.terms,
            np.array(RANGE_WINDOWS), first, last, ranges, part,
        )  # fmt: skip
        fill_activity(
            bars.bar, bars.close, bars.volume, self.returns, WINDOW_BARS, first, last, activity, part
        )
        fill_regime_features(bars.bar, self.log_returns, first, last, regime, part)
        fill_clock(bars.as_of_ms[first:last], clock, part)
