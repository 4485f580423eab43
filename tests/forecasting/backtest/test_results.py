"""What the rule earned, averaged over symbols, and the uplift over the baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.backtest import ThresholdRule, backtest, compare_strategies
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import UnknownSymbol
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import HOUR_MS

RULE = ThresholdRule(cost_bps=10.0)
SYMBOLS = ("BTC/USDT", "ETH/USDT")


@pytest.fixture
def candles() -> dict[str, Candles]:
    """BTC rises by 1 % an hour, ETH falls by 1 %."""
    times = np.arange(20) * HOUR_MS
    prices = {"BTC/USDT": 1.01 ** np.arange(20), "ETH/USDT": 0.99 ** np.arange(20)}
    return {
        name: Candles(name, "1h", times, price, price, price, price, price) for name, price in prices.items()
    }


@pytest.fixture
def rows() -> Dataset:
    """Ten hours of both, look-ahead one hour."""
    as_of = np.repeat(np.arange(5, 15), 2) * HOUR_MS
    y = np.tile([0.01, -0.01], 10)
    return Dataset((), SYMBOLS, as_of, as_of + HOUR_MS, np.tile([0, 1], 10), np.empty((20, 0)), y)


def columns(pred_return: np.ndarray, trained_label_end_ms: int = 0) -> ForecastColumns:
    sure = np.full(len(pred_return), 0.9)
    return ForecastColumns(pred_return, sure, sure, 0.0, trained_label_end_ms, SYMBOLS)


def test_profit_is_the_mean_of_one_unit_in_each_symbol(candles: dict[str, Candles], rows: Dataset) -> None:
    result = backtest(candles, rows, columns(rows.y), RULE)
    assert result.gross == pytest.approx(10 * 0.01)
    assert result.cost == pytest.approx(2 * 0.001)
    assert result.pnl == pytest.approx(0.1 - 0.002)
    assert (result.trades, result.turnover, result.exposure) == (4, 2.0, 1.0)


def test_each_symbol_has_its_own_profit(candles: dict[str, Candles], rows: Dataset) -> None:
    long_only = backtest(candles, rows, columns(np.full(20, 0.01)), RULE)
    assert [each.symbol for each in long_only.symbols] == list(SYMBOLS)
    assert [each.gross for each in long_only.symbols] == pytest.approx([0.1, -0.1])
    assert long_only.pnl == pytest.approx(np.mean([each.pnl for each in long_only.symbols]))


def test_uplift_is_what_the_candidate_earned_more(candles: dict[str, Candles], rows: Dataset) -> None:
    comparison = compare_strategies(candles, rows, columns(rows.y), columns(np.full(20, 0.01)), RULE)
    assert comparison.uplift == pytest.approx(0.1)
    assert comparison.uplift == comparison.strategy.pnl - comparison.baseline.pnl


def test_the_same_forecasts_have_no_uplift(candles: dict[str, Candles], rows: Dataset) -> None:
    assert compare_strategies(candles, rows, columns(rows.y), columns(rows.y), RULE).uplift == 0.0


def test_both_trade_only_rows_that_neither_was_trained_on(candles: dict[str, Candles], rows: Dataset) -> None:
    later = columns(np.full(20, 0.01), trained_label_end_ms=9 * HOUR_MS)
    comparison = compare_strategies(candles, rows, columns(rows.y), later, RULE)
    assert comparison.strategy.gross == pytest.approx(5 * 0.01)
    assert comparison.baseline.symbols[0].gross == pytest.approx(5 * 0.01)


def test_a_forecast_that_is_not_finite_makes_the_profit_unknown(
    candles: dict[str, Candles], rows: Dataset
) -> None:
    broken = rows.y.copy()
    broken[4] = np.nan
    assert np.isnan(backtest(candles, rows, columns(broken), RULE).pnl)


def test_no_rows_make_the_profit_unknown(candles: dict[str, Candles], rows: Dataset) -> None:
    nothing = np.zeros(20, dtype=np.bool_)
    result = backtest(candles, rows.take(nothing), columns(rows.y).take(nothing), RULE)
    assert np.isnan([result.pnl, result.gross, result.cost, result.exposure]).all()
    assert result.symbols == ()


def test_a_symbol_without_rows_takes_no_part(candles: dict[str, Candles], rows: Dataset) -> None:
    alone = rows.symbol == 0
    result = backtest({"BTC/USDT": candles["BTC/USDT"]}, rows.take(alone), columns(rows.y).take(alone), RULE)
    assert [each.symbol for each in result.symbols] == ["BTC/USDT"]


def test_a_symbol_without_candles_is_named(candles: dict[str, Candles], rows: Dataset) -> None:
    with pytest.raises(UnknownSymbol, match="ETH/USDT has rows to trade but only candles of BTC/USDT"):
        backtest({"BTC/USDT": candles["BTC/USDT"]}, rows, columns(rows.y), RULE)


def test_symbols_may_end_at_different_times(candles: dict[str, Candles], rows: Dataset) -> None:
    shorter = rows.take((rows.symbol == 0) | (rows.as_of_ms < 10 * HOUR_MS))
    forecasts = columns(shorter.y)
    result = backtest(candles, replace(shorter), forecasts, RULE)
    assert [each.gross for each in result.symbols] == pytest.approx([0.1, 0.05])
