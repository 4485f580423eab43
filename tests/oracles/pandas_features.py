"""The features once more, written plainly with pandas: slow, short, and sharing no line with the kernels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.specification import FeatureSpec

DECAY = 0.94
LEAST_DEVIATION = 1e-14


def pandas_features(candles: Candles, events: Events | None, spec: FeatureSpec) -> pd.DataFrame:
    """Return one row a candle, indexed by as_of, with the columns that `spec` names."""
    close = closes_on_grid(candles)
    prices = price_features(close, spec)
    prices[f"max_drawdown_{_span(spec, 30)}"] = close.rolling(31, min_periods=1).apply(drawdown, raw=True)
    prices[f"ewma_return_{_span(spec, 30)}"] = weighted_return(close)
    rows = prices.loc[candles.close_time_ms]
    rows = rows.join(event_features(rows.index.to_series(), events, spec))
    for symbol in spec.symbols:
        rows[f"symbol_{symbol}"] = float(symbol == candles.symbol)
    return rows[list(spec.names)]


def closes_on_grid(candles: Candles) -> pd.Series:
    """Closes indexed by close time, NaN where a candle is absent."""
    step = candles.interval_ms
    grid = np.arange(candles.close_time_ms[0], candles.close_time_ms[-1] + step, step)
    return pd.Series(candles.close, index=candles.close_time_ms).reindex(grid)


def price_features(close: pd.Series, spec: FeatureSpec) -> pd.DataFrame:
    """Return the price columns that pandas has a compiled rolling function for."""
    columns = {f"n_points_{_span(spec, 30)}": close.notna().rolling(30, min_periods=1).sum()}
    for bars in spec.periods:
        columns[f"return_{_span(spec, bars)}"] = close / close.shift(bars) - 1
    returns = close / close.shift(1) - 1
    for bars in (3, 7, 30):
        present = max(2, int(np.ceil(2 * bars / 3)))
        columns[f"volatility_{_span(spec, bars)}"] = returns.rolling(bars, min_periods=present).std()
    mean, deviation = returns.rolling(30, min_periods=20).mean(), returns.rolling(30, min_periods=20).std()
    zscore = (returns - mean) / deviation
    columns[f"zscore_{_span(spec, 1)}"] = zscore.where(deviation > LEAST_DEVIATION)
    return pd.DataFrame(columns)


def weighted_return(close: pd.Series) -> pd.Series:
    """Exponentially weighted mean of the last 30 one-bar returns that are present."""
    returns = close / close.shift(1) - 1
    total = sum(DECAY**age * returns.shift(age).fillna(0.0) for age in range(30))
    weights = sum(DECAY**age * returns.shift(age).notna() for age in range(30))
    return total / weights.where(weights > 0)


def event_features(as_of: pd.Series, events: Events | None, spec: FeatureSpec) -> pd.DataFrame:
    """Count with one search a window; only the distinct publishers are counted row by row."""
    columns = pd.DataFrame(np.nan, index=as_of.index, columns=list(spec.event_names))
    if events is None:
        return columns
    times, now = events.timestamp_ms, as_of.to_numpy()
    end = np.searchsorted(times, now)
    share = np.r_[0, np.cumsum(events.ai_related)]
    for bars in (1, 3, 7):
        since = now - bars * spec.step_ms
        begin = np.searchsorted(times, since)
        covered = (since >= events.covered_from_ms) & (now <= events.covered_until_ms)
        columns[f"events_{_span(spec, bars)}"] = np.where(covered, end - begin, np.nan)
    sources = np.array([len(set(events.source[a:b].tolist())) for a, b in zip(begin, end, strict=True)])
    columns[f"event_sources_{_span(spec, 7)}"] = np.where(covered, sources, np.nan)
    columns[f"ai_event_share_{_span(spec, 7)}"] = np.where(
        covered & (end > begin), (share[end] - share[begin]) / np.maximum(end - begin, 1), np.nan
    )
    last = np.r_[-(2**62), times][end]
    known = (last >= now - spec.history_ms) & (now <= events.covered_until_ms)
    columns["hours_since_event"] = np.where(known, (now - last) / 3_600_000, np.nan)
    return columns


def _span(spec: FeatureSpec, bars: int) -> str:
    return f"{bars * int(spec.base_interval[:-1])}{spec.base_interval[-1]}"


def drawdown(window: np.ndarray) -> float:
    """Deepest fall below the running peak of the closes that are there."""
    present = window[~np.isnan(window)]
    return float((present / np.maximum.accumulate(present) - 1).min())
