"""Signals, positions, fills and costs of one symbol."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forecasting.backtest import ThresholdRule, rule_signals, trade
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import HOUR_MS, FloatArray, IntArray
from tests.oracles.loop_backtest import positions_and_profit


def market(opens: FloatArray, hours: IntArray | None = None) -> Candles:
    times = np.arange(len(opens)) if hours is None else hours
    return Candles("BTC/USDT", "1h", times * HOUR_MS, opens, opens, opens, opens, opens)


def rows_at(hours: list[int] | IntArray, bars: int) -> Dataset:
    as_of = np.asarray(hours, dtype=np.int64) * HOUR_MS
    count = len(as_of)
    return Dataset(
        (),
        ("BTC/USDT",),
        as_of,
        as_of + bars * HOUR_MS,
        np.zeros(count, np.int64),
        np.empty((count, 0)),
        np.zeros(count),
    )


def forecasts(pred_return: list[float], conf: list[float]) -> ForecastColumns:
    return ForecastColumns(np.array(pred_return), np.array(conf), np.array(conf), 0.0, 0, ("BTC/USDT",))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Candles, Dataset, FloatArray, int]:
    """A market with outages, some rows of it, and their signals."""
    length = draw(st.integers(8, 40))
    bars = draw(st.integers(1, 6))
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    opens = 100 * np.exp(np.cumsum(generator.standard_normal(length) / 50))
    there = generator.random(length) > draw(st.sampled_from([0.0, 0.2]))
    there[[1, length - 1]] = True
    chosen = np.flatnonzero(generator.random(length - 2) > 0.3)
    asked = sorted({1, *(int(hour) + 1 for hour in chosen if hour + 1 + bars < length)} - {length - 1})
    signals = generator.integers(-1, 2, len(asked)).astype(np.float64)
    return market(opens[there], np.flatnonzero(there)), rows_at(asked, bars), signals, bars


@given(stories(), st.sampled_from([0.0, 5.0, 100.0]))
@settings(max_examples=150, deadline=None)
def test_vectorised_trading_equals_the_plain_loop(
    story: tuple[Candles, Dataset, FloatArray, int], cost_bps: float
) -> None:
    candles, rows, signals, bars = story
    positions, gross, cost = positions_and_profit(
        dict(zip(candles.open_time_ms.tolist(), candles.open.tolist(), strict=True)),
        dict(zip(rows.as_of_ms.tolist(), signals.tolist(), strict=True)),
        HOUR_MS,
        bars,
        cost_bps,
    )
    if len(positions) < 2:
        with pytest.raises(NotEnoughHistory):
            trade(candles, rows, signals, cost_bps)
        return
    path = trade(candles, rows, signals, cost_bps)
    assert path.time_ms.tolist() == list(positions)
    np.testing.assert_allclose(path.position, list(positions.values()), atol=1e-12)
    assert path.gross.sum() == pytest.approx(gross, abs=1e-12)
    assert path.cost.sum() == pytest.approx(cost, abs=1e-12)
    np.testing.assert_array_equal(path.net, path.gross - path.cost)


@given(stories(), st.integers(1, 38), st.floats(0.1, 10), st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_after_a_moment_changes_a_position_held_by_then(
    story: tuple[Candles, Dataset, FloatArray, int], hour: int, factor: float, outage: bool
) -> None:
    candles, rows, signals, _ = story
    within = candles.between(int(rows.as_of_ms[0]), int(rows.label_end_ms[-1]) + 1)
    assume(len(within) >= 2)
    moment_ms = hour * HOUR_MS
    later = within.open_time_ms > moment_ms
    wild = np.where(later, within.open * factor, within.open)
    # Where the history ends all is sold, so its last candle stays.
    kept = ~later | (within.open_time_ms == within.open_time_ms[-1]) | (not outage)
    changed = replace(within, open=wild, high=wild, low=wild, close=wild).take(kept)
    other_signals = np.where(rows.as_of_ms > moment_ms, -signals, signals)
    path = trade(within, rows, signals, 5.0)
    other = trade(changed, rows, other_signals, 5.0)
    assert (
        path.position[path.time_ms <= moment_ms].tolist()
        == other.position[other.time_ms <= moment_ms].tolist()
    )


def test_a_signal_is_filled_at_the_next_open_and_held_until_its_label_ends() -> None:
    path = trade(market(np.array([10.0, 20.0, 30.0, 60.0, 90.0])), rows_at([1], 2), np.array([1.0]), 0.0)
    assert path.time_ms.tolist() == [HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]
    assert path.position.tolist() == [0.5, 0.5, 0.0]
    assert path.gross.tolist() == [0.25, 0.5, 0.0]


def test_a_round_trip_pays_the_cost_twice() -> None:
    path = trade(market(np.full(5, 10.0)), rows_at([1], 1), np.array([-1.0]), 5.0)
    assert path.position.tolist() == [-1.0, 0.0]
    assert path.net.sum() == pytest.approx(-2 * 5e-4, abs=1e-15)


def test_a_position_that_is_held_on_costs_nothing() -> None:
    path = trade(market(np.full(6, 10.0)), rows_at([1, 2, 3], 1), np.ones(3), 5.0)
    assert path.position.tolist() == [1.0, 1.0, 1.0, 0.0]
    assert path.cost.sum() == pytest.approx(2 * 5e-4, abs=1e-15)


def test_an_outage_carries_the_position_and_its_move_to_the_next_open() -> None:
    candles = market(np.array([10.0, 10.0, 20.0, 20.0]), np.array([0, 1, 4, 5]))
    path = trade(candles, rows_at([1, 4], 1), np.array([1.0, 0.0]), 0.0)
    assert path.position.tolist() == [1.0, 0.0, 0.0]
    assert path.gross.tolist() == [1.0, 0.0, 0.0]


def test_a_fill_during_an_outage_waits_for_the_next_open() -> None:
    candles = market(np.array([10.0, 10.0, 30.0, 60.0, 60.0]), np.array([0, 1, 3, 4, 5]))
    path = trade(candles, rows_at([1, 2], 2), np.array([0.0, 1.0]), 0.0)
    assert path.time_ms.tolist() == [HOUR_MS, 3 * HOUR_MS, 4 * HOUR_MS]
    assert path.position.tolist() == [0.0, 0.5, 0.0]


def test_all_is_sold_at_the_last_open_even_before_the_label_ends() -> None:
    path = trade(market(np.full(3, 10.0)), rows_at([1], 5), np.array([1.0]), 5.0)
    assert path.position.tolist() == [0.2, 0.0]
    assert path.cost.sum() == pytest.approx(2 * 0.2 * 5e-4, abs=1e-15)


def test_a_signal_that_is_not_a_number_makes_the_profit_not_a_number() -> None:
    path = trade(market(np.full(9, 10.0)), rows_at([1, 2, 3], 1), np.array([1.0, np.nan, 0.0]), 5.0)
    assert np.isnan(path.net.sum())


def test_rows_off_the_grid_of_the_candles_are_refused() -> None:
    rows = rows_at([1], 1)
    shifted = replace(rows, as_of_ms=rows.as_of_ms + 60_000)
    with pytest.raises(InvalidCandles, match="BTC/USDT: some rows are not on the grid of 1h candles"):
        trade(market(np.full(5, 10.0)), shifted, np.ones(1), 5.0)


def test_too_few_candles_to_trade_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="1 candles open from 1970-01-01T02:00:00Z"):
        trade(market(np.full(3, 10.0)), rows_at([2], 2), np.ones(1), 5.0)


def test_a_forecast_must_pay_for_its_round_trip_by_default() -> None:
    signals = rule_signals(
        forecasts([0.0010, 0.00101, -0.00101], [0.6, 0.6, 0.6]), ThresholdRule(cost_bps=5.0)
    )
    assert signals.tolist() == [0.0, 1.0, -1.0]


def test_a_forecast_no_better_than_a_coin_is_not_acted_on() -> None:
    signals = rule_signals(forecasts([0.1, 0.1], [0.5, 0.51]), ThresholdRule(cost_bps=5.0))
    assert signals.tolist() == [0.0, 1.0]


def test_both_thresholds_can_be_set() -> None:
    rule = ThresholdRule(cost_bps=5.0, min_return=0.05, min_conf=0.7)
    assert rule_signals(forecasts([0.04, 0.06, -0.06], [0.8, 0.6, 0.8]), rule).tolist() == [0.0, 0.0, -1.0]


@pytest.mark.parametrize(("pred_return", "conf"), [(np.nan, 0.9), (np.inf, 0.9), (0.1, np.nan)])
def test_a_forecast_that_is_not_finite_has_no_signal(pred_return: float, conf: float) -> None:
    assert np.isnan(rule_signals(forecasts([pred_return], [conf]), ThresholdRule(cost_bps=5.0))).all()
