"""Which stored market answers for a name, and on which candles naive looks ahead."""

import pytest

from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan
from forecasting.types import DAY_MS, HOUR_MS
from serving.answers.asset import find_market, finite_features, naive_horizon


def spans(*intervals):
    return [SeriesSpan("AAA/USDT", interval, 0, 1000 * DAY_MS, 1) for interval in intervals]


def test_a_market_that_is_stored_answers_for_its_own_name():
    found = find_market("AAA/USD", {"AAA/USD", "AAA/USDT"}.__contains__)
    assert (found.symbol, found.rule) == ("AAA/USD", "exact")


def test_the_one_stablecoin_market_answers_for_dollars():
    found = find_market("AAA/USD", {"AAA/USDC", "BBB/USDT", "AAA/EUR"}.__contains__)
    assert (found.symbol, found.rule) == ("AAA/USDC", "dollar stablecoin")


def test_of_two_stablecoin_markets_nobody_guesses():
    with pytest.raises(UnknownSymbol, match="ask for one of AAA/USDT, AAA/USDC"):
        find_market("AAA/USD", {"AAA/USDC", "AAA/USDT"}.__contains__)


@pytest.mark.parametrize("name", ["AAA/USDT", "AAA/EUR", "BBB/USD", "", "AAA/USD:USD", "AAA/USDC:USD"])
def test_no_other_name_is_taken_for_another(name):
    with pytest.raises(UnknownSymbol, match="unknown"):
        find_market(name, {"AAA/USDC:USDC", "AAA/USDC", "BBB/USDT:USDT"}.__contains__)


def test_naive_looks_ahead_on_the_coarsest_candles_that_suffice():
    assert naive_horizon("AAA/USDT", spans("1h", "1d"), 10_080, 60).base_interval == "1d"
    assert naive_horizon("AAA/USDT", spans("1h"), 10_080, 60).base_interval == "1d"
    assert naive_horizon("AAA/USDT", spans("1h"), 10_080, 30).base_interval == "12h"
    assert naive_horizon("AAA/USDT", spans("1h"), 60, 60).base_interval == "1h"


@pytest.mark.parametrize("minutes", [1, 2, 11, 29, 77, 1439])
def test_a_look_ahead_of_any_number_of_bars_is_a_horizon(minutes):
    horizon = naive_horizon("AAA/USDT", spans("1m"), minutes, 3)
    assert (horizon.base_interval, horizon.look_ahead_bars, horizon.train_window_days) == ("1m", minutes, 3)
    assert Horizon.model_validate(horizon.model_dump(mode="json")) == horizon


@pytest.mark.parametrize(("minutes", "days"), [(61, 60), (10_080, 7), (60 * 24, 2)])
def test_where_too_few_returns_could_be_averaged_it_says_so(minutes, days):
    with pytest.raises(NotEnoughHistory, match="30 returns"):
        naive_horizon("AAA/USDT", spans("1h"), minutes, days)


def test_a_look_ahead_longer_than_any_number_of_bars_is_refused_and_no_crash():
    with pytest.raises(NotEnoughHistory):
        naive_horizon("AAA/USDT", spans("1m"), 525_599, 3650)


def test_a_missing_feature_is_null():
    assert finite_features(("a", "b"), (1.0, float("nan"))) == {"a": 1.0, "b": None}


def test_the_look_ahead_is_that_asked():
    assert naive_horizon("AAA/USDT", spans("1h"), 180, 60).look_ahead_ms == 3 * HOUR_MS
