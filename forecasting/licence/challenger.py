"""A recipe against the champion's: evidence that its forecasts have the smaller squared error. A tie keeps the champion.

The licence asks whether forecasts know more than a baseline, and centres its bets on the baseline's own forecast. Of
two recipes of equal skill that err independently, each knows something that the other does not: bets centred on the
champion would let every such challenger win, if only it waits. So these bets are centred halfway between the two. With
d = f - f0 the difference of the champion's squared error and the challenger's is

    (R - f0)^2 - (R - f)^2 = 2 d (R - (f + f0) / 2),

whose mean is 0 for equal skill. The h-bar returns R are cut into bars as the licence cuts them: at each bar the last h
differences bet on its one-bar return, each less the h-th part of its own midpoint.

References
----------
.. [1] Choe and Ramdas, "Comparing sequential forecasters", Operations Research 72, 2024 (arXiv 2110.00115).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.licence import kernel
from forecasting.licence.process import LEAST_DEVELOPED, EProcess
from forecasting.licence.rows import Rows
from forecasting.licence.stakes import HOURLY, Stakes
from forecasting.types import FloatArray

SIZING_BARS = 100


def against_champion(
    returns: FloatArray, challenger: FloatArray, champion: FloatArray, horizon_bars: int
) -> Rows:
    """Rows whose bets have mean 0 where both have the same squared error.

    Parameters
    ----------
    returns
        (n, m) return of the bar that closes at each row's moment; a row a bar, NaN is missing.
    challenger, champion
        (n, m) what each had issued at this moment for the return of the next h bars, before it was known.
    horizon_bars
        Bars that a forecast looks ahead.
    """
    differences = _last(challenger - champion, horizon_bars)
    squares = _last(challenger**2 - champion**2, horizon_bars) / (2.0 * horizon_bars)
    # Their product with the sum of differences is what the midpoints cost at this bar.
    apart = np.abs(differences) > np.finfo(np.float64).tiny ** 0.5
    centre = np.divide(squares, differences, out=np.zeros_like(squares), where=apart)
    return Rows(returns, challenger, champion, centre)


def contest(rows: Rows, developed: int, horizon_bars: int, stakes: Stakes = HOURLY) -> EProcess:
    """Bet on the challenger over common rows.

    What counts is the evidence after the last row, not the most there ever was: of two recipes both may have been ahead
    once, but never both at one time, so they cannot replace each other day by day.

    Parameters
    ----------
    rows
        As `against_champion` gives them, from the first moment that both forecast.
    developed
        Rows at the begin that only size the bets: those on which either recipe was developed, and never fewer than 100
        and the horizon's bars. It must stay the same from day to day.
    horizon_bars
        Bars that a forecast looks ahead.
    stakes
        How to bet.

    Returns
    -------
    EProcess
        Without a bet, and with an evidence of 1, where the rows are too few or the forecasts do not differ.
    """
    process = EProcess(rows.returns.shape[1], horizon_bars, stakes)
    first = max(developed, SIZING_BARS + horizon_bars)
    process.develop(rows.between(0, first))
    if process.pooled[kernel.DEVELOPED] >= LEAST_DEVELOPED:
        process.begin()
        process.advance(rows.between(first, None))
    return process


def _last(values: FloatArray, bars: int) -> FloatArray:
    """Sum of the last values of each column, a missing one counting for nothing."""
    padded = np.concatenate([np.zeros((bars - 1, values.shape[1])), np.nan_to_num(values, nan=0.0)])
    sums: FloatArray = sliding_window_view(padded, bars, axis=0).sum(axis=-1)
    return sums
