"""The extended, cross and higher features once more, plainly with pandas and numpy: slow, and sharing no kernel.

Columns carry the bars of their window as a number; `named` gives them the specification's names.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.candles import Candles, resample
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from tests.oracles.pandas_features import closes_on_grid, drawdown, price_features, weighted_return

LEAST_SPREAD = 1e-14
Columns = dict[tuple[str, int], pd.Series]


def pandas_extended(market: MarketData, spec: FeatureSpec) -> pd.DataFrame:
    """Return one row a candle, indexed by as_of, with the columns of the extended and cross groups."""
    grid = on_grid(market.candles)
    columns = {
        **momentum(grid["close"]),
        **ranges(grid),
        **activity(grid),
        **regime(grid["close"]),
        **clock(grid.index),
        **cross(market, spec, grid["close"]),
    }
    step = int(spec.base_interval[:-1])
    named = {
        name if not bars else f"{name}_{bars * step}{spec.base_interval[-1]}": column
        for (name, bars), column in columns.items()
    }
    return pd.DataFrame(named).loc[market.candles.close_time_ms]


def pandas_higher(candles: Candles, interval: str) -> pd.DataFrame:
    """Return one row a candle: the price columns of the bar of `interval` that is due at its close."""
    longer = resample(candles, interval)
    own = FeatureSpec(interval, (), (1, 3, 7, 14, 30))
    close = closes_on_grid(longer)
    columns = price_features(close, own)
    columns[own.price_names[-2]] = close.rolling(31, min_periods=1).apply(drawdown, raw=True)
    columns[own.ewma_name] = weighted_return(close)
    whole = columns[list(own.price_names)].loc[longer.close_time_ms]
    due = candles.close_time_ms // longer.interval_ms * longer.interval_ms
    joined = whole.reindex(due).set_axis(candles.close_time_ms)
    return joined.add_prefix(f"on_{interval}_")


def on_grid(candles: Candles) -> pd.DataFrame:
    """All columns indexed by close time, NaN where a candle is absent."""
    frame = candles.to_frame().set_index(candles.close_time_ms).drop(columns="open_time_ms")
    step = candles.interval_ms
    return frame.reindex(np.arange(frame.index[0], frame.index[-1] + step, step))


def momentum(close: pd.Series) -> Columns:
    """Columns of closing prices."""
    columns: Columns = {}
    for bars in (1, 7, 30):
        moved = np.log(close / close.shift(bars))
        columns["log_return", bars] = moved.where(present(close, bars + 1))
    returns = close / close.shift(1) - 1
    deviation = returns.rolling(30).std()
    scaled = np.log(close / close.shift(7)) / (deviation * np.sqrt(7))
    columns["scaled_return", 7] = scaled.where(deviation > LEAST_SPREAD)
    columns["rsi", 14] = close.rolling(99).apply(_rsi, raw=True)
    macd = ema(close, 12) - ema(close, 26)
    columns["macd", 26] = macd / close
    columns["macd_histogram", 26] = (macd - ema(macd, 9)) / close
    mean, spread = close.rolling(20).mean(), close.rolling(20).apply(np.std, raw=True)
    columns["bollinger", 20] = ((close - mean) / (2 * spread)).where(spread > LEAST_SPREAD * mean)
    columns["drawdown", 30] = close / close.rolling(31).max() - 1
    columns["run_up", 30] = close / close.rolling(31).min() - 1
    columns["max_run_up", 30] = close.rolling(31).apply(
        lambda window: (window / np.minimum.accumulate(window)).max() - 1, raw=True
    )
    return columns


def present(close: pd.Series, bars: int) -> pd.Series:
    """Whether all of the last so many bars are there."""
    return close.rolling(bars).count() == bars


def ema(values: pd.Series, bars: int) -> pd.Series:
    """Exponential mean, cut off after three times its bars."""
    weights = (1 - 2 / (bars + 1)) ** np.arange(3 * bars)
    return values.rolling(3 * bars).apply(lambda window: np.average(window[::-1], weights=weights), raw=True)


def _rsi(window: np.ndarray) -> float:
    changes = np.diff(window)[::-1]
    weights = (13 / 14) ** np.arange(98)
    rises, falls = (weights * changes.clip(0)).sum(), (weights * (-changes).clip(0)).sum()
    return 100 * rises / (rises + falls) if rises + falls > 0 else np.nan


def ranges(grid: pd.DataFrame) -> Columns:
    """Columns of open, high, low and close."""
    opening, high, low, close = (grid[name] for name in ("open", "high", "low", "close"))
    terms = {
        "parkinson": np.log(high / low) ** 2 / (4 * np.log(2)),
        "garman_klass": np.log(high / low) ** 2 / 2 - (2 * np.log(2) - 1) * np.log(close / opening) ** 2,
        "rogers_satchell": np.log(high / close) * np.log(high / opening)
        + np.log(low / close) * np.log(low / opening),
    }
    columns: Columns = {
        (name, bars): np.sqrt(term.rolling(bars).apply(np.mean, raw=True).clip(lower=0))
        for name, term in terms.items()
        for bars in (7, 30)
    }
    columns["range", 1] = np.log(high / low)
    columns["body", 1] = np.log(close / opening)
    columns["upper_wick", 1] = np.log(high / np.maximum(opening, close))
    columns["lower_wick", 1] = np.log(np.minimum(opening, close) / low)
    columns["close_place", 1] = ((close - low) / (high - low)).where(high > low)
    return columns


def activity(grid: pd.DataFrame) -> Columns:
    """Columns of volume."""
    volume, close = grid["volume"], grid["close"]
    mean, deviation = volume.rolling(30).apply(np.mean, raw=True), volume.rolling(30).std()
    money = volume * close
    shares = (close / close.shift(1) - 1).abs() / money.where(money > 0)
    whole = present(close, 31)
    return {
        ("log_volume", 1): np.log1p(money),
        ("volume_ratio", 30): (volume / mean).where(mean > 0),
        ("volume_zscore", 30): ((volume - mean) / deviation).where(deviation > LEAST_SPREAD * mean),
        ("amihud", 30): (1e6 * shares.rolling(30, min_periods=1).mean()).where(whole),
    }


def regime(close: pd.Series) -> Columns:
    """Score and label of the trend."""
    returns = np.log(close / close.shift(1))
    known = returns.rolling(30, min_periods=20)
    total, squares = known.sum(), known.apply(lambda window: np.nansum(window**2), raw=True)
    score = (total / np.sqrt(30 * squares)).where(squares > 0, 0.0).where(total.notna()).clip(-1, 1)
    label = np.sign(score).where(score.abs() > 0.23661, 0.0).where(score.notna())
    return {("regime_score", 30): score, ("regime", 30): label}


def clock(moments: pd.Index) -> Columns:
    """Columns of the moment alone."""
    times = pd.Series(pd.to_datetime(moments, unit="ms", utc=True), index=moments)
    midnight = times.dt.normalize()
    day = (times - midnight) / pd.Timedelta(days=1)
    week = (times.dt.day_of_week + day) / 7
    return {
        (f"time_of_{name}_{function.__name__}", 0): function(2 * np.pi * share)
        for name, share in (("day", day), ("week", week))
        for function in (np.sin, np.cos)
    }


def cross(market: MarketData, spec: FeatureSpec, close: pd.Series) -> Columns:
    """Returns of BTC, and ranks among all symbols of the specification."""
    everyone = {**market.others, market.candles.symbol: market.candles}
    columns: Columns = {}
    for bars in (1, 7, 30):
        returns = {
            symbol: (grid := closes_on_grid(candles)).div(grid.shift(bars)).sub(1).reindex(close.index)
            for symbol, candles in everyone.items()
            if len(candles)
        }
        nothing = pd.Series(np.nan, index=close.index)
        quote = market.candles.symbol.split("/")[1]
        columns["btc_return", bars] = returns.get(f"BTC/{quote}", nothing)
        own = returns.pop(market.candles.symbol)
        others = [returns[symbol] for symbol in spec.symbols if symbol in returns]
        below = sum(((other < own) + 0.5 * (other == own) for other in others), 0.0 * own)
        known = sum((other.notna().astype(float) for other in others), 0.0 * own)
        columns["return_rank", bars] = (below / known).where(known > 0)
    return columns
