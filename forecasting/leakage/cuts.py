"""Where a market is cut: half of the moments next to gaps and day boundaries, where leaks like to hide."""

from __future__ import annotations

import numpy as np

from forecasting.candles import Gap, find_gaps
from forecasting.errors import NotEnoughHistory
from forecasting.leakage.market import Market
from forecasting.types import DAY_MS, IntArray, utc_iso

# The epoch began on a Thursday.
_FIRST_MONDAY_MS = 4 * DAY_MS


def cut_points(market: Market, count: int, seed: int, *, start_ms: int) -> IntArray:
    """Draw distinct moments to cut the market at, oldest first.

    A quarter lies at gaps (the last close before it, a moment within it, the first and the second close after
    it), a quarter at the boundaries of days (of weeks, for candles of a day: the last close before, at and
    after), the rest anywhere. Where there are too few of one kind, the others make up for it.

    Parameters
    ----------
    market
        What is cut.
    count
        How many moments; all of them where the market has fewer.
    seed
        The same seed and market give the same moments.
    start_ms
        No cut before it, epoch milliseconds UTC.

    Returns
    -------
    IntArray
        Shape (at most count,): epoch milliseconds UTC, on the grid of the candles, each with a later close.

    Raises
    ------
    NotEnoughHistory
        There is no moment to cut at.
    """
    closes = np.unique(np.concatenate([each.close_time_ms for each in market.candles.values()]))
    closes = closes[(closes >= start_ms) & (closes < market.last_close_ms)]
    if not len(closes):
        raise NotEnoughHistory(
            f"no candle closes between {utc_iso(start_ms)} and the last close, so there is no moment to cut at: "
            "use more history"
        )
    rng = np.random.default_rng(seed)
    chosen = _first_distinct([], _gap_moments(market, rng), count // 4, closes)
    chosen = _first_distinct(chosen, _boundary_moments(closes, market.step_ms, rng), count // 2, closes)
    return np.sort(np.array(_first_distinct(chosen, rng.permutation(closes), count, closes)))


def _gap_moments(market: Market, rng: np.random.Generator) -> IntArray:
    step = market.step_ms
    gaps = sorted({gap for each in market.candles.values() for gap in _spans(find_gaps(each), step)})
    moments = [
        (start, (start + stop) // 2 // step * step, stop + step, stop + 2 * step) for start, stop in gaps
    ]
    return rng.permutation(np.array(moments, dtype=np.int64).reshape(-1, 4)).ravel()


def _spans(gaps: list[Gap], step_ms: int) -> list[tuple[int, int]]:
    return [(gap.start_ms, gap.start_ms + gap.bars * step_ms) for gap in gaps]


def _boundary_moments(closes: IntArray, step_ms: int, rng: np.random.Generator) -> IntArray:
    period, first = (DAY_MS, 0) if step_ms < DAY_MS else (7 * DAY_MS, _FIRST_MONDAY_MS)
    boundaries = np.unique((closes - first) // period) * period + first
    moments: IntArray = rng.permutation(boundaries)[:, None] + step_ms * np.array([-1, 0, 1])
    return moments.ravel()


def _first_distinct(chosen: list[int], moments: IntArray, count: int, closes: IntArray) -> list[int]:
    inside = moments[(moments >= closes[0]) & (moments <= closes[-1])].tolist()
    return list(dict.fromkeys([*chosen, *inside]))[:count]
