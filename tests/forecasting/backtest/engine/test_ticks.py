"""Forecasts laid beside the closes that they were made at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.backtest.engine.ticks import IssuedForecasts, lay_ticks
from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.features.volatility import ewma_volatility
from forecasting.types import HOUR_MS
from tests.forecasting.backtest.engine.markets import market

RNG = np.random.default_rng(5)
CANDLES = market(100 + RNG.standard_normal(60))
ISSUED = IssuedForecasts(
    np.array([41, 43]) * HOUR_MS,
    np.array([0.01, -0.02]),
    np.array([0.6, 0.7]),
    np.array([[-0.1, 0.1], [-0.2, 0.2]]),
    np.array(["forecast-1h v3", "forecast-1h v4"]),
    np.array(["chop", "uptrend"]),
)


def test_a_forecast_lies_at_the_close_that_it_was_made_at() -> None:
    ticks = lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED)
    assert ticks.as_of_ms[[40, 42]].tolist() == ISSUED.as_of_ms.tolist()
    assert ticks.pred_return[[40, 42]].tolist() == [0.01, -0.02]
    assert ticks.conf[[40, 42]].tolist() == [0.6, 0.7]
    assert ticks.interval[[40, 42]].tolist() == ISSUED.interval.tolist()
    assert ticks.model_id[[40, 42]].tolist() == ["forecast-1h v3", "forecast-1h v4"]


def test_a_close_without_a_forecast_has_none() -> None:
    ticks = lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED)
    assert np.isfinite(ticks.pred_return).sum() == np.isfinite(ticks.conf).sum() == 2
    assert (ticks.model_id[41], ticks.regime[41]) == ("unknown", "unknown")
    assert np.isnan(ticks.interval[41]).all()


def test_first_candles_may_only_tell_the_volatility() -> None:
    ticks = lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED, warm_up=40)
    assert (len(ticks), ticks.as_of_ms[0]) == (20, 41 * HOUR_MS)
    assert ticks.volatility.tolist() == ewma_volatility(CANDLES)[40:].tolist()
    assert ticks.pred_return[:3].tolist() == pytest.approx([0.01, np.nan, -0.02], nan_ok=True)


def test_a_forecast_at_no_close_is_refused() -> None:
    wrong = replace(ISSUED, as_of_ms=np.array([41 * HOUR_MS, 41 * HOUR_MS + 1]))
    with pytest.raises(InvalidCandles, match=r"1970-01-02T17:00:00\.001Z was made at the close of no 1h"):
        lay_ticks(CANDLES, "1h", HOUR_MS, wrong)


def test_a_forecast_after_the_last_close_is_refused() -> None:
    with pytest.raises(InvalidCandles, match="1 such forecasts"):
        lay_ticks(CANDLES.take(slice(0, 42)), "1h", HOUR_MS, ISSUED)


def test_too_few_candles_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="60 candles were given, 61 are needed"):
        lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED, warm_up=60)


def test_other_forecasts_may_be_said_at_the_same_closes() -> None:
    ticks = lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED)
    other = ticks.saying("naive", np.zeros(60), np.full(60, 0.5))
    assert set(other.model_id) == {"naive"}
    assert np.isnan(other.interval).all()
    assert other.candles is ticks.candles


def test_ticks_until_a_moment_are_those_that_have_happened() -> None:
    ticks = lay_ticks(CANDLES, "1h", HOUR_MS, ISSUED)
    assert len(ticks.until(41 * HOUR_MS)) == 41
    assert len(ticks.until(41 * HOUR_MS - 1)) == 40
