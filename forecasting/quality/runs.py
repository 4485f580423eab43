"""Feeds that stand still: candles filled in where nothing was traded, and rows that are repeated."""

from __future__ import annotations

import numpy as np

from forecasting.quality.timeline import Timeline
from forecasting.types import BoolArray, FloatArray, IntArray

# Weight and mean of what is believed of a market before its own runs are counted.
PRIOR_RUNS, PRIOR_LASTING = 4.0, 1.0
# More runs than these make a length a habit of the market; an exchange that is down now and then has fewer.
FEWEST_HABITUAL, ROWS_FOR_EACH = 8, 500


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
    itself usual. A market that stands still for longer at night has more long runs than that: where more than eight
    runs, and more than one for every 500 rows, reach 2, 4, 8, ... rows, the share of the others that doubled is
    taken as well, and the highest expectation counts. A fault that comes back so often is taken for a habit.

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
    expected = _expected(lengths, 1)
    reached, habit = 2, max(FEWEST_HABITUAL, len(mask) // ROWS_FOR_EACH)
    while np.count_nonzero(lengths >= reached) > habit:
        habitual = _expected(lengths, reached)
        expected = np.where(lengths > reached, np.maximum(expected, habitual), expected)
        reached *= 2
    found[mask] = np.repeat(np.maximum(-expected, 0.0), lengths)
    return found


def _expected(lengths: IntArray, reached: int) -> FloatArray:
    """Return log10 of how many runs of each length are expected, by those others that reached so many rows."""
    others = np.count_nonzero(lengths >= reached) - (lengths >= reached)
    others_lasting = np.count_nonzero(lengths >= 2 * reached) - (lengths >= 2 * reached)
    goes_on = (others_lasting + PRIOR_LASTING) / (others + PRIOR_RUNS)
    return np.asarray(np.log10(others + 0.5) + (lengths - reached) / reached * np.log10(goes_on))
