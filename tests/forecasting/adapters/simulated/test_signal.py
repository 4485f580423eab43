import numpy as np
import pytest
from scipy import stats

from forecasting.adapters.simulated_process import HOURS_A_YEAR, MarketProcess
from forecasting.adapters.simulator import SYMBOLS, simulate_market
from forecasting.targets import forward_returns
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.adapters.simulated.recovering import LAW, log_returns, recovered

ROUND_TRIP = 0.001


def next_returns(market, hours=1):
    """Expected next-hour returns and realised ones over some hours, of all symbols, where both exist."""
    ahead = np.concatenate([market.expected_return[symbol] for symbol in market.candles])
    realised = np.concatenate([forward_returns(each, hours * HOUR_MS) for each in market.candles.values()])
    known = np.isfinite(realised)
    return ahead[known], realised[known]


def profit(market, candles_symbol):
    """Net return, over the last tenth, of holding the sign of a forecast that exceeds a round trip's cost."""
    candles = market.candles[candles_symbol]
    ahead, realised = market.expected_return[candles_symbol], forward_returns(candles, HOUR_MS)
    later = np.flatnonzero(np.isfinite(realised))[-len(candles) // 10 :]
    held = np.where(np.abs(ahead[later]) > ROUND_TRIP, np.sign(ahead[later]), 0.0)
    turnover = np.abs(np.diff(held, prepend=0.0, append=0.0)).sum()
    return held @ realised[later] - turnover * ROUND_TRIP / 2


# The planted signal


def test_a_large_hour_continues_by_the_planted_share(many):
    ahead, realised = (np.concatenate(each) for each in zip(*map(next_returns, many), strict=True))
    assert np.polyfit(ahead, realised, 1)[0] == pytest.approx(1.0, abs=0.06)


def test_a_calm_hour_says_nothing(many):
    for symbol in SYMBOLS:
        told, untold = [], []
        for one in many:
            candles = one.candles[symbol]
            realised = forward_returns(candles, HOUR_MS)
            calm = np.isfinite(realised) & (one.expected_return[symbol] == 0)
            told.append(log_returns(candles)[calm])
            untold.append(realised[calm])
        assert abs(np.corrcoef(np.concatenate(told), np.concatenate(untold))[0, 1]) < 0.012


def test_large_is_measured_by_the_volatility_that_was_expected(unbroken):
    candles = unbroken.candles["DDD/SIM"]
    size = log_returns(candles) / recovered(candles)[1]
    planted = unbroken.expected_return["DDD/SIM"]
    assert np.mean((np.abs(size) > LAW.threshold) == (planted != 0)) > 0.9999
    large = planted != 0
    assert planted[large] == pytest.approx(LAW.continuation * log_returns(candles)[large])


def test_about_one_hour_in_nine_is_large(market):
    large = [np.mean(market.expected_return[symbol] != 0) for symbol in SYMBOLS]
    assert np.mean(large) == pytest.approx(1 / 9, abs=0.01)


def test_the_signal_is_weak_but_there_an_hour_ahead(many):
    ranks = [stats.spearmanr(*next_returns(one)).statistic for one in many]
    assert 0.08 < np.mean(ranks) < 0.14


@pytest.mark.parametrize("days", [1, 7])
def test_the_signal_is_lost_days_ahead(many, days):
    ranks = [stats.spearmanr(*next_returns(one, 24 * days)).statistic for one in many]
    assert abs(np.mean(ranks)) < 0.04


def test_the_return_of_a_day_says_nothing_of_the_next_day(many):
    found = []
    for one in many:
        for candles in one.candles.values():
            at_midnight = candles.close_time_ms % DAY_MS == 0
            daily = forward_returns(candles, DAY_MS)[at_midnight]
            before, after = daily[:-1], daily[1:]
            known = np.isfinite(before) & np.isfinite(after)
            found.append(stats.spearmanr(before[known], after[known]).statistic)
    assert abs(np.mean(found)) < 0.03


def test_directions_an_hour_ahead_are_right_a_little_more_often_than_a_coin(many):
    gains = []
    for one in many:
        ahead, realised = next_returns(one)
        gains.append(np.mean(np.where(ahead == 0, 0.5, np.sign(ahead) == np.sign(realised))) - 0.5)
    assert 0.012 < np.mean(gains) < 0.022


def test_a_rule_that_knows_the_expectation_earns_more_than_it_pays(many):
    won = [np.mean([profit(one, symbol) for symbol in SYMBOLS]) > 0 for one in many]
    assert np.mean(won) >= 0.9


def test_without_continuation_nothing_is_to_be_known():
    noise = simulate_market(7, hours=2 * HOURS_A_YEAR, process=MarketProcess(continuation=0.0))
    assert not any(each.any() for each in noise.expected_return.values())
