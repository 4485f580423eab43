"""Returns from open to open add up to what the backtest earned."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.backtest import ThresholdRule, backtest
from forecasting.backtest.periods import strategy_returns
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import HOUR_MS

RULE = ThresholdRule(cost_bps=10.0)
SYMBOLS = ("AAA/SIM", "BBB/SIM", "CCC/SIM")


def market(seed: int, look_ahead: int = 3) -> tuple[dict[str, Candles], Dataset, ForecastColumns]:
    """Forty hours of three symbols, of which the last has no rows and one lacks a candle."""
    generator = np.random.default_rng(seed)
    times = np.arange(60) * HOUR_MS
    candles = {}
    for number, name in enumerate(SYMBOLS):
        price = 100 * np.exp(np.cumsum(generator.normal(scale=0.01, size=60)))
        kept = np.ones(60, dtype=np.bool_)
        kept[20] = number != 1
        candles[name] = Candles(name, "1h", times[kept], *[price[kept]] * 5)
    as_of = np.repeat(np.arange(5, 45), 2) * HOUR_MS
    none = np.empty((80, 0))
    rows = Dataset((), SYMBOLS, as_of, as_of + look_ahead * HOUR_MS, np.tile([0, 1], 40), none, np.zeros(80))
    sure = np.full(80, 0.9)
    forecasts = ForecastColumns(generator.normal(scale=0.01, size=80), sure, sure, 0.0, 0, SYMBOLS)
    return candles, rows, forecasts


@pytest.mark.parametrize("seed", range(4))
def test_the_sum_of_the_returns_is_the_profit(seed: int) -> None:
    candles, rows, forecasts = market(seed)
    returns = strategy_returns(candles, rows, forecasts, RULE)
    assert returns.sum() == pytest.approx(backtest(candles, rows, forecasts, RULE).pnl)


def test_every_open_is_one_period_whatever_the_look_ahead() -> None:
    candles, rows, forecasts = market(1)
    assert len(strategy_returns(candles, rows, forecasts, RULE)) == 43


def test_who_does_not_trade_earns_zeros() -> None:
    candles, rows, forecasts = market(1)
    assert not strategy_returns(candles, rows, forecasts, ThresholdRule(10.0, min_return=1.0)).any()


def test_no_rows_give_no_periods() -> None:
    candles, rows, forecasts = market(1)
    none = np.zeros(80, dtype=np.bool_)
    assert len(strategy_returns(candles, rows.take(none), forecasts.take(none), RULE)) == 0
