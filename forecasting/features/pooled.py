"""Rows of several symbols with their labels: what a horizon is trained and judged on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.candles import Candles
from forecasting.dataset import Dataset, pool
from forecasting.errors import InvalidSettings, NotEnoughHistory
from forecasting.events import Events
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import FeatureTable, feature_table
from forecasting.horizons import Horizon
from forecasting.targets import forward_returns


def build_dataset(
    candles: Mapping[str, Candles],
    events: Mapping[str, Events] | None,
    horizon: Horizon,
    spec: FeatureSpec,
    start_ms: int | None = None,
    stop_ms: int | None = None,
) -> Dataset:
    """Join features and labels of all symbols.

    A row is taken when its look-backs begin inside the candles, its label exists and its as_of lies in
    [start_ms, stop_ms). `symbols` of the result are those of `candles` in alphabetical order, whatever the
    specification's one-hot columns are: two models with different columns are judged on the same rows.

    Parameters
    ----------
    candles
        By symbol; of the horizon's base interval.
    events
        By symbol; a symbol without an entry, or None for all, has missing event features.
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
    symbols = tuple(sorted(candles))
    parts = []
    for symbol in symbols:
        table = feature_table(candles[symbol], (events or {}).get(symbol), spec, start_ms, stop_ms)
        parts.append(_labelled(table, candles[symbol], horizon, symbols))
    if not any(map(len, parts)):
        given = ", ".join(f"{len(each)} of {symbol}" for symbol, each in sorted(candles.items())) or "none"
        raise NotEnoughHistory(
            f"{horizon.name}: no row has {spec.history_bars} candles of {spec.base_interval} behind it and "
            f"{horizon.look_ahead_bars} ahead; candles given: {given}"
        )
    return pool(parts)


def _labelled(table: FeatureTable, candles: Candles, horizon: Horizon, symbols: tuple[str, ...]) -> Dataset:
    """Rows of one symbol that are ready and whose label exists."""
    rows = np.searchsorted(candles.close_time_ms, table.as_of_ms)
    labels = forward_returns(candles, horizon.look_ahead_ms)[rows]
    kept = table.ready & np.isfinite(labels)
    as_of_ms = table.as_of_ms[kept]
    return Dataset(
        table.names,
        symbols,
        as_of_ms,
        as_of_ms + horizon.look_ahead_ms,
        np.full(len(as_of_ms), symbols.index(table.symbol), dtype=np.int64),
        table.values[kept],
        labels[kept],
    )
