"""Feeds that stand still: candles filled in where nothing was traded, and rows that are repeated."""

from __future__ import annotations

import numpy as np

from forecasting.quality.timeline import Timeline
from forecasting.types import BoolArray, FloatArray

# Weight and mean of what is believed of a market before its own runs are counted.
PRIOR_RUNS, PRIOR_LASTING = 4.0, 1.0


def flat_rows(line: Timeline) -> BoolArray:
    """Rows without a trade: open, high, low and close the same and a volume of zero; shape (m,)."""
    prices = line.values[:, :4]
    return np.asarray((prices == prices[:, :1]).all(axis=1) & (line.values[:, 4] == 0))


def repeated_rows(line: Timeline) -> BoolArray:
    """Later rows that repeat all five values of the row before them, with a volume above zero; shape (m,)."""
    same = np.zeros(len(line.values), dtype=np.bool_)
    same[1:] = (line.values[1:] == line.values[:-1]).all(axis=1) & (np.diff(line.open_time_ms) > 0)
    return same & (line.values[:, 4] > 0)


def run_surprises(mask: BoolArray) -> FloatArray:
    """How strange the run of True is that each row stands in, judged by the other runs of the series.

    Of the other runs, the share that lasted longer than one row says how likely such a state goes on (with one
    lasting run in four as the belief before any is seen). The expected number of runs of this length is the
    number of runs times that share for each further row. Each run counts once, so a long fault does not make
    itself usual, and a thin market whose candles often stand still may do so.

    Parameters
    ----------
    mask
        Shape (m,): whether the state holds.

    Returns
    -------
    FloatArray
        Shape (m,): -log10 of the expected number of such runs; 0 outside of runs and where one or more are
        expected.

    Examples
    --------
    >>> run_surprises(np.array([False] * 50 + [True] * 6 + [False])).round(1)[49:53]
    array([0. , 3.3, 3.3, 3.3])
    """
    found = np.zeros(len(mask))
    if not mask.any():
        return found
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    lengths = edges[1::2] - edges[::2]
    lasting = (lengths > 1).astype(np.float64)
    others, others_lasting = len(lengths) - 1.0, lasting.sum() - lasting
    goes_on = (others_lasting + PRIOR_LASTING) / (others + PRIOR_RUNS)
    expected = np.log10(others + 0.5) + (lengths - 1) * np.log10(goes_on)
    found[mask] = np.repeat(np.maximum(-expected, 0.0), lengths)
    return found
