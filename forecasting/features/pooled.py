"""Rows of several symbols with their labels: what a horizon is trained and judged on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import InvalidSettings, NotEnoughHistory
from forecasting.features.market import MarketData
from forecasting.features.rows import feature_rows
from forecasting.features.specification import FeatureSpec
from forecasting.features.volatility import ewma_volatility
from forecasting.horizons import Horizon
from forecasting.targets import forward_returns
from forecasting.types import IntArray


def build_dataset(
    markets: Mapping[str, MarketData],
    horizon: Horizon,
    spec: FeatureSpec,
    start_ms: int | None = None,
    stop_ms: int | None = None,
) -> Dataset:
    """Join features and labels of all symbols.

    A row is taken when its look-backs begin inside the candles, its label exists and its as_of lies in
    [start_ms, stop_ms). `symbols` of the result are those of `markets` in alphabetical order, whatever the
    specification's one-hot columns are: two models with different columns are judged on the same rows.

    One matrix is made for all rows and filled symbol by symbol, so the peak of memory is the result, the candles
    and one symbol's table.

    Parameters
    ----------
    markets
        By symbol; candles are of the horizon's base interval.
    horizon
        Gives the look-ahead of the label.
    spec
        The columns.
    start_ms, stop_ms
        Bounds of as_of, epoch milliseconds UTC; None leaves that side open.

    Raises
    ------
    InvalidSettings
        Horizon and specification have different base intervals.
    InvalidCandles
        Candles are of another interval.
    NotEnoughHistory
        Not a single row is left.
    """
    if horizon.base_interval != spec.base_interval:
        raise InvalidSettings(
            f"{horizon.name}: the horizon is made of {horizon.base_interval} candles, the features of "
            f"{spec.base_interval} candles: both need the same"
        )
    symbols = tuple(sorted(markets))
    for market in markets.values():
        market.demand_interval(spec.base_interval)
    kept = [_kept_rows(markets[symbol].candles, horizon, spec, start_ms, stop_ms) for symbol in symbols]
    as_of_ms, symbol = _order(markets, symbols, kept)
    if not len(as_of_ms):
        given = ", ".join(f"{len(markets[each].candles)} of {each}" for each in symbols) or "none"
        raise NotEnoughHistory(
            f"{horizon.name}: no row has {spec.history_bars} candles of {spec.base_interval} behind it and "
            f"{horizon.look_ahead_bars} ahead; candles given: {given}"
        )
    X = np.empty((len(as_of_ms), len(spec.names)))
    y, volatility = np.empty(len(as_of_ms)), np.empty(len(as_of_ms))
    for number, name in enumerate(symbols):
        places, rows = np.flatnonzero(symbol == number), kept[number]
        y[places] = forward_returns(markets[name].candles, horizon.look_ahead_ms)[rows]
        volatility[places] = ewma_volatility(markets[name].candles)[rows]
        if len(rows):
            X[places] = feature_rows(markets[name], spec, rows[0], rows[-1] + 1)[rows - rows[0]]
    return Dataset(spec.names, symbols, as_of_ms, as_of_ms + horizon.look_ahead_ms, symbol, X, y, volatility)


def _kept_rows(
    candles: Candles, horizon: Horizon, spec: FeatureSpec, start_ms: int | None, stop_ms: int | None
) -> IntArray:
    """Rows of one symbol whose look-backs begin inside the candles, whose label exists, and inside the bounds."""
    closes = candles.close_time_ms
    kept = np.isfinite(forward_returns(candles, horizon.look_ahead_ms))
    kept &= closes - candles.open_time_ms[:1] >= spec.history_ms
    kept &= closes >= (closes[:1] if start_ms is None else start_ms)
    if stop_ms is not None:
        kept &= closes < stop_ms
    return np.flatnonzero(kept)


def _order(
    markets: Mapping[str, MarketData], symbols: tuple[str, ...], kept: list[IntArray]
) -> tuple[IntArray, IntArray]:
    """Moments and symbols' numbers of all rows, ordered by moment, then by symbol."""
    closes = [markets[name].candles.close_time_ms[rows] for name, rows in zip(symbols, kept, strict=True)]
    as_of_ms = np.concatenate([np.empty(0, np.int64), *closes])
    symbol = np.repeat(np.arange(len(symbols), dtype=np.int64), [len(each) for each in kept])
    # Stable, and the symbols come in their order: equal moments stay ordered by symbol.
    order = np.argsort(as_of_ms, kind="stable")
    return as_of_ms[order], symbol[order]
