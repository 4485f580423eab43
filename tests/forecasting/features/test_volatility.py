"""EWMA volatility: its oracle, gaps, and the past alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candles import Candles
from forecasting.features.volatility import (
    DECAY,
    LEAST_RETURNS,
    VOLATILITY_BARS,
    ewma_volatility,
    latest_volatility,
)
from forecasting.types import HOUR_MS


def hourly(close, bars=None):
    close = np.asarray(close, dtype=np.float64)
    times = HOUR_MS * (np.arange(len(close), dtype=np.int64) if bars is None else np.asarray(bars))
    return Candles("AAA/SIM", "1h", times, close, close, close, close, np.ones(len(close)))


def prices(seed, bars=300):
    return 100 * np.exp(np.cumsum(0.01 * np.random.default_rng(seed).standard_t(4, bars)))


def test_it_is_the_weighted_root_mean_square_of_the_last_returns():
    close = prices(1)
    squares = pd.Series(close).pct_change().pow(2).to_numpy()
    weights = DECAY ** np.arange(VOLATILITY_BARS)
    expected = np.sqrt(np.average(squares[-1 : -VOLATILITY_BARS - 1 : -1], weights=weights))
    assert ewma_volatility(hourly(close))[-1] == pytest.approx(expected, rel=1e-12)


def test_fewer_than_twenty_returns_are_no_volatility():
    told = ewma_volatility(hourly(prices(2, 30)))
    assert np.isnan(told[:20]).all()
    assert not np.isnan(told[20:]).any()


def test_the_jump_over_a_gap_is_no_return_of_a_bar():
    close = np.r_[prices(3, 100), 1e4 * prices(3, 100)]
    bars = np.r_[np.arange(100), np.arange(100) + 105]
    assert np.nanmax(ewma_volatility(hourly(close, bars))) < 0.1


def test_what_lies_before_a_gap_ages_with_it():
    close, late = prices(4, 101), np.arange(101) + 4 * (np.arange(101) >= 80)
    before, after = ewma_volatility(hourly(close)), ewma_volatility(hourly(close, late))
    assert before[79] == after[79]
    # 20 of the 30 bars before the gap are left when five returns of six bars have come after it.
    assert np.isfinite(after[85])
    assert before[85] != after[85]


@given(seed=st.integers(0, 1000))
def test_with_gaps_it_is_the_same_as_counted_bar_by_bar(seed):
    rng = np.random.default_rng(seed)
    bars = np.flatnonzero(rng.random(150) < 0.9)
    close = prices(seed, 150)[bars]
    at = dict(zip(bars.tolist(), close.tolist(), strict=True))
    told = ewma_volatility(hourly(close, bars))
    for row in range(90, len(bars), 7):
        ages = [age for age in range(VOLATILITY_BARS) if {bars[row] - age, bars[row] - age - 1} <= set(at)]
        if len(ages) < LEAST_RETURNS:
            assert np.isnan(told[row])
            continue
        squares = [(at[bars[row] - age] / at[bars[row] - age - 1] - 1) ** 2 for age in ages]
        weights = [DECAY**age for age in ages]
        assert told[row] == pytest.approx(np.sqrt(np.average(squares, weights=weights)), rel=1e-12)


def test_prices_that_stand_still_have_none():
    assert ewma_volatility(hourly(np.full(50, 7.0)))[-1] == 0.0


def test_no_candles_give_no_rows():
    assert len(ewma_volatility(Candles.empty("AAA/SIM", "1h"))) == 0


@given(seed=st.integers(0, 1000), cut=st.integers(30, 299))
def test_a_row_knows_nothing_of_what_closes_later(seed, cut):
    close = prices(seed)
    poisoned = np.r_[close[:cut], 1000 * close[cut:]]
    whole = ewma_volatility(hourly(close))[:cut]
    assert whole.tobytes() == ewma_volatility(hourly(close[:cut])).tobytes()
    assert whole.tobytes() == ewma_volatility(hourly(poisoned))[:cut].tobytes()


@given(seed=st.integers(0, 1000), history=st.integers(VOLATILITY_BARS + 1, 299))
def test_more_history_changes_no_bit(seed, history):
    candles = hourly(prices(seed))
    short = candles.take(slice(len(candles) - history, None))
    assert ewma_volatility(short)[-1] == ewma_volatility(candles)[-1] == latest_volatility(candles)
