"""Columns of other symbols at the same moment: BTC's returns, and the rank of the row's own among all.

A symbol that has no candle at a moment, or none at a return's start, has no return there: it is left out of the
rank, never carried over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.features.price import first_row_from
from forecasting.types import FloatArray, IntArray


def reference_symbol(symbol: str) -> str:
    """Bitcoin in the quote currency of a symbol.

    Examples
    --------
    >>> reference_symbol("ETH/USDT"), reference_symbol("ETH/USDT:USDT")
    ('BTC/USDT', 'BTC/USDT:USDT')
    """
    return f"BTC/{symbol.partition('/')[2]}"


def return_ranks(own: FloatArray, others: Iterable[FloatArray]) -> FloatArray:
    """Share of the others' returns that lie below one's own, equal ones counting half.

    Parameters
    ----------
    own
        Shape (rows, p): returns of the symbol.
    others
        One such table for each other symbol.

    Returns
    -------
    FloatArray
        Shape (rows, p): in [0, 1]; NaN where one's own return or that of all others is missing.

    Examples
    --------
    >>> return_ranks(np.array([[0.02]]), [np.array([[0.01]]), np.array([[0.02]]), np.array([[np.nan]])])
    array([[0.75]])
    """
    below, known = np.zeros(own.shape), np.zeros(own.shape)
    for theirs in others:
        _compare(own, theirs, below, known)
    below[(known == 0) | np.isnan(own)] = np.nan
    return below / np.maximum(known, 1)


@compiled
def _compare(own: FloatArray, theirs: FloatArray, below: FloatArray, known: FloatArray) -> None:
    for row in range(own.shape[0]):
        for column in range(own.shape[1]):
            other = theirs[row, column]
            if not math.isnan(other):
                known[row, column] += 1.0
                below[row, column] += 1.0 if other < own[row, column] else 0.0
                below[row, column] += 0.5 if other == own[row, column] else 0.0


@compiled
def returns_at(wanted: IntArray, bar: IntArray, close: FloatArray, periods: IntArray) -> FloatArray:
    """Compute one symbol's returns over several look-backs at the bars wanted; NaN where a candle is absent.

    Parameters
    ----------
    wanted
        Shape (rows,): numbers on the interval's grid, increasing.
    bar, close
        Shape (n,): number on the grid and closing price of each candle; not empty.
    periods
        Shape (p,): look-backs in bars.
    """
    out = np.full((len(wanted), len(periods)), math.nan)
    row = np.searchsorted(bar, wanted[0])
    for number in range(len(wanted)):
        while row < len(bar) and bar[row] < wanted[number]:
            row += 1
        if row == len(bar):
            break
        if bar[row] > wanted[number]:
            continue
        for column, period in enumerate(periods):
            earlier = first_row_from(bar, row, bar[row] - period)
            if bar[earlier] == bar[row] - period:
                out[number, column] = close[row] / close[earlier] - 1.0
    return out
