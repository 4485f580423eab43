import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecasting.adapters.simulated_process import MarketProcess
from forecasting.adapters.simulator import SYMBOLS, simulate_market
from forecasting.candles import CANDLE_COLUMNS, find_gaps, validate_candles
from forecasting.errors import InvalidSettings
from forecasting.types import HOUR_MS, parse_utc
from tests.forecasting.adapters.simulated.recovering import log_returns

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
