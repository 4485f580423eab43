import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecasting.adapters.simulated_news import AI_SHARE, EVENTS_A_DAY, SOURCES
from forecasting.adapters.simulated_process import HOURS_A_YEAR, MarketProcess
from forecasting.adapters.simulator import SYMBOLS, simulate_market
from forecasting.candles import CANDLE_COLUMNS, find_gaps, validate_candles
from forecasting.errors import InvalidSettings
from forecasting.targets import forward_returns
from forecasting.types import DAY_MS, HOUR_MS, parse_utc

LAW = MarketProcess()
ROUND_TRIP = 0.001


@pytest.fixture(scope="module")
def market():
    return simulate_market(7)


@pytest.fixture(scope="module")
def unbroken():
    return simulate_market(11, process=MarketProcess(outages_a_year=0.0))


@pytest.fixture(scope="module")
def many():
    return [simulate_market(seed, hours=2 * HOURS_A_YEAR) for seed in range(12)]


def log_returns(candles):
    return np.log(candles.close / candles.open)


def recovered(candles, process=LAW):
    """Standardised shocks and expected volatility, from prices, by the textbook recursions of GARCH(1,1)."""
    long_run = process.annual_volatility[SYMBOLS.index(candles.symbol) // 3] ** 2 / HOURS_A_YEAR
    variance, expected, rows = long_run, 0.0, []
    for value in log_returns(candles):
        surprise, volatility = value - expected, np.sqrt(variance)
        rows.append((surprise / volatility, volatility))
        expected = process.continuation * value * (abs(value) > process.threshold * volatility)
        base = long_run * (1 - process.arch - process.garch)
        variance = base + process.arch * surprise**2 + process.garch * variance
    return np.array(rows).T


def residuals(candles):
    return recovered(candles)[0]


def autocorrelation(values, lag):
    return np.corrcoef(values[:-lag], values[lag:])[0, 1]


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


# Shape


def test_equal_seeds_give_equal_bytes(market):
    again = simulate_market(7)
    assert [each.fingerprint() for each in again.candles.values()] == [
        each.fingerprint() for each in market.candles.values()
    ]
    assert again.events == market.events


def test_another_process_gives_the_same_bytes():
    code = (
        "from forecasting.adapters.simulator import simulate_market; "
        "print(*(each.fingerprint() for each in simulate_market(3, hours=500).candles.values()))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = [each.fingerprint() for each in simulate_market(3, hours=500).candles.values()]
    assert printed.split() == here


def test_other_seeds_give_other_markets(market):
    other = simulate_market(8)
    assert other.candles["AAA/SIM"].fingerprint() != market.candles["AAA/SIM"].fingerprint()
    assert other.events != market.events


@given(st.integers(0, 2**32), st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=25, deadline=None)
def test_a_longer_span_begins_with_the_shorter_one(seed, hours, more):
    short, long = simulate_market(seed, hours=hours), simulate_market(seed, hours=hours + more)
    for symbol, candles in short.candles.items():
        beginning = long.candles[symbol].between(None, short.stop_ms)
        assert beginning.fingerprint() == candles.fingerprint()
        assert np.array_equal(long.expected_return[symbol][: len(candles)], short.expected_return[symbol])
    assert long.events[: len(short.events)] == short.events


@given(st.integers(0, 2**63), st.integers(1, 600), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_every_market_keeps_the_contract_of_candles(seed, hours, count):
    symbols = [f"X{each}/SIM" for each in range(count)]
    wild = MarketProcess(outages_a_year=300, degrees_of_freedom=2.1)
    drawn = simulate_market(seed, start_ms=0, hours=hours, symbols=symbols, process=wild)
    assert list(drawn.candles) == symbols
    for symbol, candles in drawn.candles.items():
        assert validate_candles(candles).symbol == symbol
        assert candles.interval == "1h"
        assert len(drawn.expected_return[symbol]) == len(candles)
        assert {str(getattr(candles, name).dtype) for name in CANDLE_COLUMNS} == {"int64", "float64"}


def test_a_market_that_hardly_moves_keeps_the_contract_in_spite_of_rounding():
    still = simulate_market(7, hours=5_000, process=MarketProcess(annual_volatility=(1e-12, 1e-12)))
    for candles in still.candles.values():
        validate_candles(candles)


def test_symbols_and_span_are_those_of_the_demo(market):
    assert tuple(market.candles) == SYMBOLS == ("AAA/SIM", "BBB/SIM", "CCC/SIM", "DDD/SIM")
    assert (market.start_ms, market.stop_ms) == (parse_utc("2021-01-01"), parse_utc("2026-01-01"))


def test_a_market_cannot_be_changed(market):
    with pytest.raises(FrozenInstanceError):
        market.seed = 1
    with pytest.raises(TypeError):
        market.candles["AAA/SIM"] = None


def test_the_description_says_what_is_planted_and_that_nothing_is_real(market):
    assert "1.5 times its expected volatility" in market.description
    assert "continues by 16% of that move" in market.description
    assert "No real price" in market.description
    assert market.signal_horizon == "1h"


def test_without_continuation_the_description_says_that_nothing_is_planted():
    noise = simulate_market(1, hours=50, process=MarketProcess(continuation=0.0))
    assert "No signal is planted" in noise.description
    assert noise.signal_horizon is None


@pytest.mark.parametrize(
    "wrong",
    [{"hours": 0}, {"start_ms": 1}, {"symbols": ()}, {"seed": -1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_market_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidSettings, match=r"a start on the hour are needed$"):
        simulate_market(**{"seed": 7, "hours": 10} | wrong)


# Candles


def test_a_candle_opens_at_the_last_close(unbroken):
    for candles in unbroken.candles.values():
        assert np.array_equal(candles.open[1:], candles.close[:-1])


def test_outages_are_few_and_last_1_to_30_hours(market):
    gaps = find_gaps(market.candles["AAA/SIM"])
    assert 5 <= len(gaps) <= 30
    assert all(1 <= gap.bars <= 30 for gap in gaps)


def test_an_outage_hits_all_symbols(market):
    first, *others = (find_gaps(candles) for candles in market.candles.values())
    assert all(each == first for each in others)


def test_outages_that_crowd_never_join():
    crowded = simulate_market(5, hours=20_000, process=MarketProcess(outages_a_year=400))
    gaps = find_gaps(crowded.candles["AAA/SIM"])
    assert len(gaps) > 100
    assert max(gap.bars for gap in gaps) == 30


def test_prices_move_on_while_the_exchange_is_out(market):
    candles = market.candles["AAA/SIM"]
    behind = np.flatnonzero(np.diff(candles.open_time_ms) > HOUR_MS)
    assert (candles.open[behind + 1] != candles.close[behind]).any()


def test_extremes_reach_beyond_open_and_close_as_far_as_a_random_walk_does(unbroken):
    candles = unbroken.candles["AAA/SIM"]
    parkinson = np.log(candles.high / candles.low) ** 2 / (4 * np.log(2))
    assert np.mean(parkinson) == pytest.approx(np.mean(log_returns(candles) ** 2), rel=0.1)


def test_volume_follows_the_size_of_the_move(unbroken):
    for candles in unbroken.candles.values():
        turnover = candles.volume * candles.close
        assert stats.spearmanr(turnover, np.abs(log_returns(candles))).statistic > 0.5


def test_volume_follows_the_time_of_day(unbroken):
    candles = unbroken.candles["AAA/SIM"]
    hour = candles.open_time_ms // HOUR_MS % 24
    turnover = candles.volume * candles.close
    assert turnover[hour == 15].mean() > 1.8 * turnover[hour == 3].mean()


# The law of returns


@pytest.mark.parametrize("symbol", ["AAA/SIM", "DDD/SIM"])
def test_shocks_are_student_t_once_garch_and_signal_are_taken_out(unbroken, symbol):
    shocks = residuals(unbroken.candles[symbol])
    scaled = shocks * np.sqrt(LAW.degrees_of_freedom / (LAW.degrees_of_freedom - 2))
    assert stats.kstest(scaled, stats.t(LAW.degrees_of_freedom).cdf).pvalue > 0.01


def test_shocks_have_no_memory_once_garch_and_signal_are_taken_out(unbroken):
    shocks = residuals(unbroken.candles["AAA/SIM"])
    for memory in (shocks, np.abs(shocks)):
        assert abs(autocorrelation(memory, 1)) < 0.02


def test_tails_are_fat(unbroken):
    for candles in unbroken.candles.values():
        assert stats.kurtosis(log_returns(candles)) > 3


def test_volatility_clusters_for_a_day(unbroken):
    for candles in unbroken.candles.values():
        size = np.minimum(np.abs(log_returns(candles)), 0.05)
        assert autocorrelation(size, 1) > 0.08
        assert autocorrelation(size, 24) > 0.04


def test_volatility_is_that_of_a_wild_market(many):
    yearly = [
        log_returns(each).std() * np.sqrt(HOURS_A_YEAR) for one in many for each in one.candles.values()
    ]
    assert np.mean(yearly) == pytest.approx(0.8, abs=0.06)
    assert 0.5 < min(yearly) < max(yearly) < 1.3


def test_symbols_move_together(unbroken):
    shocks = [residuals(unbroken.candles[symbol]) for symbol in ("AAA/SIM", "DDD/SIM")]
    assert np.corrcoef(shocks)[0, 1] == pytest.approx(LAW.correlation, abs=0.03)


def test_there_is_no_drift(many):
    yearly = [HOURS_A_YEAR * log_returns(one.candles[symbol]).mean() for one in many for symbol in SYMBOLS]
    assert abs(np.mean(yearly)) < 3 * 0.8 / np.sqrt(2 * len(many) / (4 / (1 + 3 * 0.6)))


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


# News


def test_news_comes_about_six_times_a_day(market):
    days = (market.stop_ms - market.start_ms) / DAY_MS
    assert len(market.events) / days == pytest.approx(EVENTS_A_DAY, abs=4 * np.sqrt(EVENTS_A_DAY / days))


def test_news_lies_in_the_span_oldest_first(market):
    times = [event.timestamp_ms for event in market.events]
    assert times == sorted(times)
    assert market.start_ms <= times[0]
    assert times[-1] < market.stop_ms


def test_gaps_between_news_are_those_of_a_poisson_process(market):
    gaps = np.diff([event.timestamp_ms for event in market.events]) / DAY_MS
    assert stats.kstest(gaps, stats.expon(scale=1 / EVENTS_A_DAY).cdf).pvalue > 0.01


def test_news_has_five_sources_and_some_of_it_is_about_ai(market):
    assert {event.source for event in market.events} == set(SOURCES)
    assert len(SOURCES) == 5
    assert np.mean([event.ai_related for event in market.events]) == pytest.approx(AI_SHARE, abs=0.02)


def test_news_concerns_none_one_or_two_of_the_symbols(market):
    counts = np.bincount([len(event.symbols) for event in market.events]) / len(market.events)
    assert counts == pytest.approx([0.40, 0.45, 0.15], abs=0.02)
    assert {name for event in market.events for name in event.symbols} == set(SYMBOLS)


def test_no_two_news_are_the_same(market):
    assert len({event.url for event in market.events}) == len(market.events)


def test_news_leads_nowhere(unbroken):
    hours = (unbroken.stop_ms - unbroken.start_ms) // HOUR_MS
    hour = [(event.timestamp_ms - unbroken.start_ms) // HOUR_MS for event in unbroken.events]
    counts = np.bincount(hour, minlength=hours)
    for values in (
        log_returns(unbroken.candles["AAA/SIM"]),
        np.abs(log_returns(unbroken.candles["AAA/SIM"])),
    ):
        assert abs(np.corrcoef(counts[:-1], values[1:])[0, 1]) < 0.02
        assert abs(np.corrcoef(counts, values)[0, 1]) < 0.02
