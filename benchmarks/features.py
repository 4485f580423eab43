"""Rows per second of the compiled features against plain pandas, and the latency of the newest row.

Run with `python -m benchmarks.features`: one year of minutes of one symbol, all columns of the 7-day model.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, median_seconds, report, seconds_each
from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from forecasting.types import MINUTE_MS
from tests.oracles.pandas_features import closes_on_grid, pandas_features, price_features

MINUTES = 525_600
EVENTS = 20_000
START_MS = 1_735_689_600_000
SYMBOLS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
SPEC = FeatureSpec("1m", SYMBOLS, (1, 3, 7, 14, 30))


def _candles(rng: np.random.Generator) -> Candles:
    close = 100 * np.exp(np.cumsum(1e-3 * rng.standard_normal(MINUTES)))
    times = START_MS + MINUTE_MS * np.arange(MINUTES)
    return Candles(SYMBOLS[0], "1m", times, close, close, close, close, np.ones(MINUTES))


def _events(rng: np.random.Generator) -> Events:
    stop_ms = START_MS + MINUTE_MS * MINUTES
    times = np.sort(rng.integers(START_MS, stop_ms, EVENTS))
    return Events(times, rng.integers(0, 40, EVENTS), rng.random(EVENTS) < 0.2, START_MS, stop_ms)


def run() -> list[Figure]:
    """Measure both on the same rows, after checking that they agree."""
    rng = np.random.default_rng(7)
    candles, events = _candles(rng), _events(rng)
    feature_table(MarketData(candles, events), SPEC)
    started = time.perf_counter()
    expected = pandas_features(candles, events, SPEC)
    pandas_rate = MINUTES / (time.perf_counter() - started)
    _demand_equal(feature_table(MarketData(candles, events), SPEC).values, expected)
    rate = MINUTES / median_seconds(lambda: feature_table(MarketData(candles, events), SPEC), 9)
    return [
        Figure(f"compiled, {len(SPEC.names)} columns, {MINUTES:,} rows", rate, "rows/s", 3e6),
        Figure("plain pandas, the same columns and rows", pandas_rate, "rows/s"),
        Figure("compiled against pandas", rate / pandas_rate, "times", 10.0),
        Figure("pandas, only the columns it has compiled code for", _easy_pandas_rate(candles), "rows/s"),
        *_latency(candles, events),
    ]


def _easy_pandas_rate(candles: Candles) -> float:
    """No drawdown, no weighted return, no events: where pandas calls back to Python or repeats itself."""
    return MINUTES / median_seconds(lambda: price_features(closes_on_grid(candles), SPEC), 3)


def _demand_equal(values: np.ndarray, expected: pd.DataFrame) -> None:
    np.testing.assert_allclose(values, expected.to_numpy(), rtol=1e-9, atol=1e-12)


def _latency(candles: Candles, events: Events) -> list[Figure]:
    now_ms = int(candles.close_time_ms[-1])
    taken = (
        np.array(seconds_each(lambda: latest_features(MarketData(candles, events), SPEC, now_ms), 2000)) * 1e3
    )
    return [
        Figure("newest row, median", float(np.median(taken)), "ms", 0.2, at_least=False),
        Figure("newest row, 99th percentile", float(np.quantile(taken, 0.99)), "ms"),
    ]


if __name__ == "__main__":
    sys.exit(report("Features", run()))
