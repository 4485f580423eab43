"""Rows per second of the compiled features against plain pandas and polars, and the latency of the newest row.

Run with `python -m benchmarks.features`: one year of minutes of one symbol, the 20 features of the base set with two
symbols. Polars gives columns and the others one matrix; its conversion is not counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, median_seconds, report, seconds_each
from benchmarks.polars_features import polars_features
from benchmarks.process_memory import peak_growth
from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from forecasting.horizons import FEATURE_SETS
from forecasting.types import MINUTE_MS
from tests.oracles.pandas_features import closes_on_grid, pandas_features, price_features

MINUTES = 525_600
EVENTS = 20_000
START_MS = 1_735_689_600_000
TURNS, REPEATS = 3, 5
SYMBOLS = ("BTC/USDT", "ETH/USDT")
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
    """Measure all on the same rows, after checking that they agree."""
    rng = np.random.default_rng(7)
    candles, events = _candles(rng), _events(rng)
    market = MarketData(candles, events)
    _demand_equal(feature_table(market, SPEC).values, pandas_features(candles, events, SPEC))
    _demand_equal(feature_table(market, SPEC).values, polars_features(candles, events, SPEC).to_pandas())
    ways = {
        f"compiled, {len(SPEC.names)} features, {MINUTES:,} rows": lambda: feature_table(market, SPEC),
        "plain pandas, the same features and rows": lambda: pandas_features(candles, events, SPEC),
        "polars, the same features and rows": lambda: polars_features(candles, events, SPEC),
    }
    rates = _rates(ways)
    ours, pandas, polars = rates.values()
    return [
        Figure(next(iter(rates)), ours, "rows/s", 3e6),
        *(Figure(name, rate, "rows/s") for name, rate in list(rates.items())[1:]),
        Figure("compiled against pandas", ours / pandas, "times", 10.0),
        Figure("compiled against polars", ours / polars, "times", 1.0),
        Figure("pandas, only the columns it has compiled code for", _easy_pandas_rate(candles), "rows/s"),
        *(
            Figure(f"memory, {name.split(',')[0]}", peak_growth(way) / 2**20, "MiB")
            for name, way in ways.items()
        ),
        *_latency(market),
        *_wide(candles, events),
    ]


def _rates(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Rows per second of each at its best; each runs a few times in turn, so that a busy moment harms none alone."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, way in ways.items():
            seconds[name] += seconds_each(way, REPEATS if min(seconds[name], default=0.0) < 1.0 else 1)
    return {name: MINUTES / min(taken) for name, taken in seconds.items()}


def _wide(candles: Candles, events: Events) -> list[Figure]:
    """All sets, for the reader: the extended and higher ones on top, with two other symbols to rank among."""
    others = {symbol: replace(candles, symbol=symbol) for symbol in SYMBOLS}
    spec = replace(SPEC, feature_sets=FEATURE_SETS)
    market = MarketData(candles, events, others)
    feature_table(market, spec)
    now_ms = int(candles.close_time_ms[-1])
    taken = median_seconds(lambda: latest_features(market, spec, now_ms), 200)
    rate = MINUTES / median_seconds(lambda: feature_table(market, spec), 3)
    return [
        Figure(f"compiled, all sets, {len(spec.names)} features", rate, "rows/s"),
        Figure("newest row of all sets, median", taken * 1e3, "ms"),
    ]


def _easy_pandas_rate(candles: Candles) -> float:
    """No drawdown, no weighted return, no events: where pandas calls back to Python or repeats itself."""
    return MINUTES / median_seconds(lambda: price_features(closes_on_grid(candles), SPEC), 3)


def _demand_equal(values: np.ndarray, expected: pd.DataFrame) -> None:
    np.testing.assert_allclose(values, expected.to_numpy(dtype=np.float64), rtol=1e-9, atol=1e-12)


def _latency(market: MarketData) -> list[Figure]:
    now_ms = int(market.candles.close_time_ms[-1])
    taken = np.array(seconds_each(lambda: latest_features(market, SPEC, now_ms), 2000)) * 1e3
    return [
        Figure("newest row, median", float(np.median(taken)), "ms", 0.2, at_least=False),
        Figure("newest row, 99th percentile", float(np.quantile(taken, 0.99)), "ms"),
    ]


if __name__ == "__main__":
    sys.exit(report("Features", run()))
