"""Markets, forecasts and rules that the engine's tests trade."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from forecasting.backtest.engine.rule import RuleNumbers
from forecasting.backtest.engine.ticks import Ticks
from forecasting.candles import Candles
from forecasting.types import HOUR_MS, FloatArray, IntArray

FREE = RuleNumbers(
    min_return=0.0,
    min_conf=0.0,
    long_only=False,
    exit_over=True,
    exit_opposite=False,
    exit_gone=False,
    full_edge=0.0,
    max_weight=1.0,
    bar_volatility=0.0,
    resize_band=0.0,
    fee=0.0,
    impact=0.0,
    funding=0.0,
)
"""All of the capital on each signal for one horizon, at no cost."""


def market(opens: FloatArray, closes: FloatArray | None = None, hours: IntArray | None = None) -> Candles:
    """Hourly candles of BTC/USDT, from 1970 on; without closes each candle closes where the next one opens."""
    opens = np.asarray(opens, dtype=np.float64)
    ends = np.append(opens[1:], opens[-1]) if closes is None else np.asarray(closes, dtype=np.float64)
    times = (np.arange(len(opens)) if hours is None else np.asarray(hours)) * HOUR_MS
    high, low = np.maximum(opens, ends), np.minimum(opens, ends)
    return Candles("BTC/USDT", "1h", times, opens, high, low, ends, np.ones(len(opens)))


def ticks_of(
    candles: Candles,
    pred_return: FloatArray | list[float],
    conf: FloatArray | list[float] | float = 1.0,
    bars: int = 1,
    volatility: FloatArray | list[float] | float = 0.01,
) -> Ticks:
    """Lay forecasts beside candles."""
    count = len(candles)
    return Ticks(
        candles,
        f"{bars}h",
        bars * HOUR_MS,
        np.asarray(pred_return, dtype=np.float64),
        np.broadcast_to(np.asarray(conf, dtype=np.float64), count),
        np.broadcast_to(np.asarray(volatility, dtype=np.float64), count),
        np.full((count, 2), np.nan),
        np.full(count, "model-1"),
        np.full(count, "chop"),
    )


def random_ticks(seed: int, count: int, bars: int, absent: float = 0.15) -> Ticks:
    """A market with outages and forecasts, some of which are not there or not finite."""
    rng = np.random.default_rng(seed)
    hours = np.cumsum(1 + rng.integers(1, 4, count) * (rng.random(count) < absent))
    closes = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(count)))
    opens = np.append(100.0, closes[:-1]) * np.exp(0.005 * rng.standard_normal(count))
    pred = 0.01 * rng.standard_normal(count)
    pred[rng.random(count) < 0.1] = np.nan
    pred[rng.random(count) < 0.03] = np.inf
    conf = rng.uniform(0.3, 1.0, count)
    conf[rng.random(count) < 0.05] = np.nan
    volatility = rng.uniform(0.0, 0.03, count)
    volatility[rng.random(count) < 0.1] = np.nan
    volatility[rng.random(count) < 0.05] = 0.0
    return ticks_of(market(opens, closes, hours), pred, conf, bars, volatility)


@st.composite
def rules(draw: st.DrawFn) -> RuleNumbers:
    """Any rule, at any cost."""
    exits = draw(st.sampled_from([(1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1)]))
    return RuleNumbers(
        draw(st.sampled_from([0.0, 0.004])),
        draw(st.sampled_from([0.0, 0.5])),
        draw(st.booleans()),
        *(bool(each) for each in exits),
        draw(st.sampled_from([0.0, 0.01])),
        draw(st.sampled_from([0.5, 1.0, 6.0])),
        draw(st.sampled_from([0.0, 0.01])),
        draw(st.sampled_from([0.0, 0.2, 10.0])),
        *(draw(st.sampled_from([0.0, 1e-3])) for _ in range(3)),
    )
