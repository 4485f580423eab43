"""Feature rows of one symbol: all of them for training, or the newest for a forecast, bit-identical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.features.market import MarketData
from forecasting.features.rows import feature_rows
from forecasting.features.specification import FeatureSpec
from forecasting.types import BoolArray, FloatArray, IntArray, utc_iso


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features of one symbol, one row a candle, oldest first.

    Attributes
    ----------
    symbol
        The symbol of all rows.
    names
        Names of the k columns.
    as_of_ms
        Shape (n,): close time of each row's candle, epoch milliseconds UTC; the row knows nothing later.
    values
        Shape (n, k): features; NaN means missing.
    ready
        Shape (n,): whether the candles begin early enough for every look-back of the row.
    """

    symbol: str
    names: tuple[str, ...]
    as_of_ms: IntArray
    values: FloatArray
    ready: BoolArray


def feature_table(
    market: MarketData,
    spec: FeatureSpec,
    start_ms: int | None = None,
    stop_ms: int | None = None,
) -> FeatureTable:
    """Compute the features at every candle's close, or at those in [start_ms, stop_ms).

    Parameters
    ----------
    market
        Closed candles of the specification's base interval, where what is absent stays missing, and all else that
        rows are made of.
    spec
        The columns.
    start_ms, stop_ms
        Bounds of as_of, epoch milliseconds UTC; rows before `start_ms` are looked at but not returned.

    Raises
    ------
    InvalidCandles
        The candles are of another interval.
    """
    market.demand_interval(spec.base_interval)
    candles = market.candles
    closes = candles.close_time_ms
    first = 0 if start_ms is None else int(np.searchsorted(closes, start_ms))
    last = len(candles) if stop_ms is None else max(first, int(np.searchsorted(closes, stop_ms)))
    as_of_ms = closes[first:last]
    values = feature_rows(market, spec, first, last)
    ready = as_of_ms - candles.open_time_ms[:1] >= spec.history_ms
    return FeatureTable(candles.symbol, spec.names, as_of_ms, values, ready)


def latest_features(market: MarketData, spec: FeatureSpec, as_of_ms: int) -> tuple[int, FloatArray]:
    """Compute the newest row that a moment may use; equal, bit for bit, to that row of `feature_table`.

    Parameters
    ----------
    market
        Candles of the specification's base interval that begin at least `spec.history_ms` before the row's
        as_of; what closes or happens after the row's as_of is not looked at.
    spec
        The columns.
    as_of_ms
        The moment of the forecast, epoch milliseconds UTC.

    Returns
    -------
    as_of_ms
        Close time of the last candle that is closed at the moment; the row knows nothing later.
    row
        Shape (k,): features; NaN means missing.

    Raises
    ------
    InvalidCandles
        The candles are of another interval.
    NotEnoughHistory
        The closed candles do not reach back over the row's look-backs.
    """
    market.demand_interval(spec.base_interval)
    candles = market.candles
    opens = candles.open_time_ms
    closed = int(np.searchsorted(opens, as_of_ms - spec.step_ms, side="right"))
    used_ms = int(opens[closed - 1]) + spec.step_ms if closed else as_of_ms
    if not closed or used_ms - int(opens[0]) < spec.history_ms:
        raise NotEnoughHistory(
            f"{candles.symbol}: {spec.history_bars} closed candles of {spec.base_interval} are needed before "
            f"{utc_iso(as_of_ms)}, {closed} were given: ingest earlier candles"
        )
    return used_ms, feature_rows(market, spec, closed - 1, closed)[0]
