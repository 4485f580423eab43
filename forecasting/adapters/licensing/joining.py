"""Forecasts of the ledger beside the returns that came true, on a grid of bars without holes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory
from forecasting.horizons import Horizon
from forecasting.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class LedgerRows:
    """What was issued at each bar's close, and what the bar brought; NaN is missing.

    Attributes
    ----------
    close_ms
        (n,) close of each bar, one bar apart, epoch milliseconds UTC.
    symbols
        The m symbols.
    returns
        (n, m) return of the bar that closes there, a fraction.
    forecasts
        (n, m) forecast that was issued there for the next h bars, a fraction.
    """

    close_ms: IntArray
    symbols: tuple[str, ...]
    returns: FloatArray
    forecasts: FloatArray


def ledger_rows(
    workspace: Workspace,
    recipe: str,
    horizon: Horizon,
    start_ms: int | None = None,
    end_ms: int | None = None,
) -> LedgerRows:
    """Join a recipe's forecasts with the stored candles.

    Parameters
    ----------
    workspace
        Where both are.
    recipe
        Hash of the recipe.
    horizon
        What it forecasts.
    start_ms, end_ms
        Closes of the first and the last bar, epoch milliseconds UTC; None takes the first forecast and the newest candle.

    Raises
    ------
    NotEnoughHistory
        The ledger holds no forecast of the recipe.
    StoreUnavailable, InvalidEvidence
        A block of the ledger was changed, or a row of it knew too much.
    """
    issued = ForecastLedger(workspace.store).forecasts(recipe)
    if not issued:
        raise NotEnoughHistory(
            f"the ledger holds no forecast of recipe {recipe[:12]}: walk its lockbox first"
        )
    symbols, bar_ms = tuple(sorted(issued)), horizon.base_interval_ms
    first_ms = min(int(each["issued_ms"][0]) for each in issued.values()) if start_ms is None else start_ms
    candles = {
        symbol: workspace.candles.read_base(symbol, horizon.base_interval, first_ms - 2 * bar_ms)
        for symbol in symbols
    }
    newest_ms = max(int(each.close_time_ms[-1]) for each in candles.values() if len(each))
    close_ms = bar_grid(first_ms, newest_ms if end_ms is None else min(end_ms, newest_ms), bar_ms)
    forecasts = np.column_stack(
        [on_grid(close_ms, each["issued_ms"], each["forecast"]) for _, each in sorted(issued.items())]
    )
    return LedgerRows(close_ms, symbols, bar_returns(candles, symbols, close_ms), forecasts)


def bar_grid(first_ms: int, last_ms: int, bar_ms: int) -> IntArray:
    """Return closes from the first to the last, one bar apart, shape (n,).

    Examples
    --------
    >>> bar_grid(0, 25, 10).tolist()
    [0, 10, 20]
    """
    return np.arange(first_ms, last_ms + 1, bar_ms, dtype=np.int64)


def on_grid(close_ms: IntArray, times_ms: IntArray, values: FloatArray) -> FloatArray:
    """Lay values of some moments on a grid, shape (n,); NaN where there is none, those off the grid are left out.

    Examples
    --------
    >>> on_grid(np.array([0, 10, 20]), np.array([10, 30]), np.array([0.5, 0.7])).tolist()
    [nan, 0.5, nan]
    """
    laid = np.full(len(close_ms), np.nan)
    place = np.searchsorted(close_ms, times_ms)
    place[place == len(close_ms)] = 0
    here = close_ms[place] == times_ms
    laid[place[here]] = values[here]
    return laid


def bar_returns(candles: Mapping[str, Candles], symbols: Sequence[str], close_ms: IntArray) -> FloatArray:
    """Return of each bar over the close of the one before, shape (n, m); NaN where either candle is absent."""
    bar_ms = int(close_ms[1] - close_ms[0]) if len(close_ms) > 1 else 1
    wider = np.concatenate([close_ms[:1] - bar_ms, close_ms])
    columns = []
    for symbol in symbols:
        own = candles[symbol]
        close = on_grid(wider, own.close_time_ms, own.close)
        columns.append(close[1:] / close[:-1] - 1.0)
    return np.column_stack(columns)
