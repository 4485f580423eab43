from __future__ import annotations

import numpy as np
import pytest

from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.naive import ended_returns, naive_forecast
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.rows import hourly_horizon

HORIZON = hourly_horizon()


def candles(close: np.ndarray, absent: tuple[int, ...] = (), interval: str = "1h") -> Candles:
    step = {"1h": HOUR_MS, "1d": DAY_MS}[interval]
    times = np.arange(len(close), dtype=np.int64) * step
    whole = Candles("AAA/SIM", interval, times, close, close, close, close, np.ones(len(close)))
    return whole.take(~np.isin(np.arange(len(close)), absent))


def walk(rows: int, seed: int = 1) -> np.ndarray:
    return 100 * np.cumprod(1 + np.random.default_rng(seed).normal(0.0005, 0.01, rows))


def test_forecast_is_the_mean_of_the_returns_that_have_ended() -> None:
    close = walk(200)
    forecast = naive_forecast(candles(close), HORIZON, 200 * HOUR_MS)
    returns = close[1:] / close[:-1] - 1
    assert forecast.pred_return == pytest.approx(returns.mean())
    assert forecast.rows == 199
    assert forecast.as_of_ms == 200 * HOUR_MS


def test_nothing_after_as_of_is_known() -> None:
    close = walk(200)
    later = close.copy()
    later[100:] *= 1000
    as_of_ms = 100 * HOUR_MS
    assert naive_forecast(candles(later), HORIZON, as_of_ms) == naive_forecast(
        candles(close[:100]), HORIZON, as_of_ms
    )


def test_candle_that_is_still_open_is_not_used() -> None:
    close = walk(100)
    assert naive_forecast(candles(close), HORIZON, 100 * HOUR_MS - 1).as_of_ms == 99 * HOUR_MS


def test_rows_older_than_the_training_window_are_forgotten() -> None:
    short = HORIZON.model_copy(update={"train_window_days": 2})
    assert naive_forecast(candles(walk(200)), short, 200 * HOUR_MS).rows == 48


def test_returns_over_a_gap_are_left_out() -> None:
    assert naive_forecast(candles(walk(100), absent=(50,)), HORIZON, 100 * HOUR_MS).rows == 97


def test_shares_of_rises_and_of_right_signs_are_smoothed() -> None:
    close = 100 * np.cumprod(np.r_[1.0, np.full(40, 1.01), np.full(10, 0.99), np.full(10, 1.0)])
    forecast = naive_forecast(candles(close), HORIZON, 61 * HOUR_MS)
    assert forecast.p_up == pytest.approx(41 / 62)
    assert forecast.conf == pytest.approx(41 / 52)


def test_falling_history_is_as_sure_of_a_fall() -> None:
    close = 100 * np.cumprod(np.r_[1.0, np.full(40, 0.99), np.full(10, 1.01)])
    forecast = naive_forecast(candles(close), HORIZON, 51 * HOUR_MS)
    assert forecast.pred_return < 0
    assert forecast.p_up == pytest.approx(11 / 52)
    assert forecast.conf == pytest.approx(41 / 52)


def test_price_that_never_moved_has_no_direction() -> None:
    forecast = naive_forecast(candles(np.full(50, 7.0)), HORIZON, 50 * HOUR_MS)
    assert (forecast.pred_return, forecast.conf) == (0.0, 0.5)


@pytest.mark.parametrize("rows", [0, 1, 30])
def test_fewer_than_30_returns_are_refused(rows: int) -> None:
    with pytest.raises(NotEnoughHistory, match="30 are needed"):
        naive_forecast(candles(walk(rows)), HORIZON, 1000 * HOUR_MS)


def test_candles_of_another_interval_are_refused() -> None:
    with pytest.raises(ValueError, match="candles of 1d were given, 1h is needed"):
        naive_forecast(candles(walk(50), interval="1d"), HORIZON, 50 * DAY_MS)


def test_the_intervals_lie_around_the_mean_and_hold_what_they_say() -> None:
    close = walk(2500)
    held = []
    for row in range(500, 2499, 20):
        forecast = naive_forecast(candles(close), HORIZON, row * HOUR_MS)
        assert forecast.intervals is not None
        eighty, ninety = forecast.intervals
        assert ninety.low < eighty.low < forecast.pred_return < eighty.high < ninety.high
        held.append(ninety.low <= close[row] / close[row - 1] - 1 <= ninety.high)
    # 100 forecasts: a standard error of 3 points.
    assert np.mean(held) == pytest.approx(0.9, abs=0.09)


def test_where_candles_are_absent_no_interval_is_known() -> None:
    forecast = naive_forecast(candles(walk(200), absent=tuple(range(175, 195))), HORIZON, 200 * HOUR_MS)
    assert forecast.intervals is None


def test_the_last_thousand_labels_make_the_intervals() -> None:
    close = walk(1500)
    other = close.copy()
    other[:460] *= 1 + 0.2 * np.random.default_rng(5).random(460)
    ends = []
    for prices in (close, other):
        forecast = naive_forecast(candles(prices), HORIZON, 1500 * HOUR_MS)
        assert forecast.intervals is not None
        ends.append(forecast.intervals[1].high - forecast.pred_return)
    # Only the mean differs, by which the scores of all labels shift.
    assert ends[0] == pytest.approx(ends[1], rel=0.01)


def test_labels_older_than_the_training_window_make_no_interval() -> None:
    calm = walk(900)
    wild = np.r_[calm[:500] * (1 + 0.5 * np.random.default_rng(6).random(500)), calm[500:]]
    month = HORIZON.with_window(10)
    found = [naive_forecast(candles(close), month, 900 * HOUR_MS).intervals for close in (calm, wild)]
    assert found[0] == found[1]
    assert found[0] is not None


def test_the_returns_that_have_ended_are_those_that_are_averaged() -> None:
    rows = candles(walk(200), absent=(50,))
    returns = ended_returns(rows, HORIZON, 150 * HOUR_MS)
    forecast = naive_forecast(rows, HORIZON, 150 * HOUR_MS)
    assert (len(returns), returns.mean()) == (forecast.rows, forecast.pred_return)


def test_too_few_returns_are_told_of_either_way() -> None:
    with pytest.raises(NotEnoughHistory, match="29 returns over 1h have ended"):
        ended_returns(candles(walk(30)), HORIZON, 30 * HOUR_MS)
