"""Time stamps proven against other candles: a market moves when its neighbours move, not an hour later."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import norm

from forecasting.candles import Candles
from forecasting.quality.timeline import Timeline, log_prices
from forecasting.types import HOUR_MS, FloatArray, IntArray

# No time zone is further from UTC than this.
FURTHEST_MS = 15 * HOUR_MS
BLOCK_BARS = 4096
FEWEST_BARS = 24
# Chance that a block of unrelated candles is called shifted.
RISK = 1e-6
# By how many standard errors the best shift must beat the stamps as they are.
CLEARLY = 3.0


def stamp_shifts(line: Timeline, references: Iterable[Candles]) -> FloatArray:
    """By how many candles the time stamps are late against the reference that says most about them.

    In blocks of 4,096 candles or more the moves from open to close are correlated with those of each reference at every
    shift that a time zone or a mistaken stamp could make: up to 15 hours, and two candles either way. A shift is
    told where its correlation is beyond chance and beyond the correlation of the stamps as they are.

    Parameters
    ----------
    line
        The rows; the context is not looked at.
    references
        Stored candles of the same interval, of this and of other markets, that overlap in time.

    Returns
    -------
    FloatArray
        Shape (m,): whole numbers; above 0 the stamps are later than they should be. 0 where they are right and
        where no reference proves anything.

    References
    ----------
    Fisher's z transformation of the correlation coefficient; Bonferroni's bound over the shifts.
    """
    shifts = np.zeros(len(line.open_time_ms))
    surest = np.zeros(len(line.open_time_ms))
    for reference in references:
        if len(reference):
            _compare(line, reference, shifts, surest)
    return shifts


def _compare(line: Timeline, reference: Candles, shifts: FloatArray, surest: FloatArray) -> None:
    """Enter what one reference says wherever it is surer than those before it."""
    step, reach = line.interval_ms, max(2, FURTHEST_MS // line.interval_ms)
    bars = line.open_time_ms // step
    earliest, latest = reference.open_time_ms[[0, -1]] // step + [-reach, reach]
    judged = np.flatnonzero((bars >= earliest) & (bars <= latest))
    judged = judged[judged >= line.known]
    if len(judged) < FEWEST_BARS:
        return
    first, last = int(bars[judged].min()), int(bars[judged].max())
    near = reference.between((first - reach) * step, (last + reach + 1) * step)
    prices = np.column_stack([near.open, near.high, near.low, near.close])
    own = _on_grid(bars[judged] - first, line.values[judged], last + 1 - first)
    theirs = _on_grid(near.open_time_ms // step - first + reach, prices, len(own) + 2 * reach)
    late, sure, block_bars = _blocks(own, theirs, reach)
    block = (bars[judged] - first) // block_bars
    surer = sure[block] > surest[judged]
    shifts[judged[surer]], surest[judged[surer]] = late[block][surer], sure[block][surer]


def _on_grid(places: IntArray, values: FloatArray, bars: int) -> FloatArray:
    """Place the moves from open to close on a grid; NaN where there is no candle, far ones pulled in."""
    logs = log_prices(values)
    moves = logs[:, 3] - logs[:, 0]
    usable = ~np.isnan(moves)
    moves = moves[usable]
    # A few wild candles must not speak for all.
    far = 6 * float(np.median(np.abs(moves[moves != 0]))) if moves.any() else 1.0
    grid = np.full(bars, np.nan)
    grid[places[usable]] = np.clip(moves / far, -1, 1)
    return grid


def _blocks(own: FloatArray, theirs: FloatArray, reach: int) -> tuple[FloatArray, FloatArray, int]:
    """Shift and sureness of each block of `own`, which begins at place `reach` of `theirs`, and a block's length."""
    count = max(1, len(own) // BLOCK_BARS)
    size = -(-len(own) // count)
    beyond = np.full(count * size - len(own), np.nan)
    pieces = np.concatenate([own, beyond]).reshape(count, size)
    windows = sliding_window_view(np.concatenate([theirs, beyond]), size + 2 * reach)[::size]
    correlations, counts = _correlations(pieces, windows, 2 * reach + 1)
    # At lag l the stamps of `own` are compared with candles l places later: late stamps fit earlier candles.
    return *_verdicts(correlations[:, ::-1], counts[:, ::-1]), size


def _correlations(own: FloatArray, windows: FloatArray, lags: int) -> tuple[FloatArray, FloatArray]:
    """Correlation about zero and number of common candles, each of shape (blocks, lags)."""
    length = next_fast_len(windows.shape[1] + own.shape[1], real=True)
    mine, theirs = _spectra(own, length), _spectra(windows, length)

    def at_lags(a: int, b: int) -> FloatArray:
        return np.asarray(irfft(theirs[a] * np.conj(mine[b]), length)[:, :lags])

    products, own_squares, their_squares, counts = at_lags(0, 0), at_lags(2, 1), at_lags(1, 2), at_lags(2, 2)
    scale = np.sqrt(np.maximum(own_squares, 0) * np.maximum(their_squares, 0))
    usable = (counts > FEWEST_BARS - 0.5) & (scale > 1e-9)
    return np.divide(products, scale, out=np.zeros_like(scale), where=usable), np.maximum(counts, 4.0)


def _spectra(grid: FloatArray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spectra of the moves, of their squares and of where there are any."""
    there = ~np.isnan(grid)
    moves = np.where(there, grid, 0.0)
    return rfft(moves, length), rfft(moves**2, length), rfft(there.astype(np.float64), length)


def _verdicts(correlations: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift of each block where it is proven, else 0, and how many standard errors the best correlation has."""
    lags = correlations.shape[1]
    fisher = np.arctanh(np.clip(correlations, -0.9999, 0.9999))
    errors = 1 / np.sqrt(counts - 3)
    sureness = fisher / errors
    blocks, aligned = np.arange(len(fisher)), lags // 2
    best = np.argmax(sureness, axis=1)
    ahead = (fisher[blocks, best] - fisher[:, aligned]) / np.hypot(errors[blocks, best], errors[:, aligned])
    bound = norm.isf(RISK / lags)
    proven = (sureness[blocks, best] > bound) & (ahead > CLEARLY)
    return np.where(proven, best - aligned, 0).astype(np.float64), sureness[blocks, best]
