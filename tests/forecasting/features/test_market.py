from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidCandles
from forecasting.events import Events
from forecasting.features.market import MarketData, markets_of
from forecasting.features.table import feature_table, latest_features
from tests.forecasting.features.markets import RICH_SPECS, rich_market, scattered_events, walk

CANDLES = {symbol: walk(np.ones(60, dtype=bool), 1, symbol=symbol) for symbol in ("BTC/USDT", "ETH/USDT")}
MARKET = markets_of(CANDLES, {"ETH/USDT": scattered_events(CANDLES["ETH/USDT"], 20, 1)})["ETH/USDT"]


def test_what_was_known_at_a_moment_is_closed_for_all_symbols():
    moment_ms = int(CANDLES["BTC/USDT"].close_time_ms[30])
    known = MARKET.closed_by(moment_ms)
    assert known.candles.close_time_ms[-1] == moment_ms
    assert {int(candles.close_time_ms[-1]) for candles in known.others.values()} == {moment_ms}
    assert (known.events.timestamp_ms < moment_ms).all()
    assert known.events.covered_until_ms <= moment_ms


def test_events_that_never_came_are_known_only_until_the_moment():
    nothing = np.empty(0, dtype=np.int64)
    silent = Events(nothing, nothing, np.empty(0, dtype=np.bool_), 0, 2**50)
    assert MarketData(CANDLES["BTC/USDT"], silent).closed_by(1000).events.covered_until_ms == 1000


def test_each_symbol_sees_the_candles_of_all_others():
    further = {"SOL/USDT": walk(np.ones(9, dtype=bool), 2, symbol="SOL/USDT")}
    markets = markets_of(CANDLES, None, further)
    assert set(markets) == {"BTC/USDT", "ETH/USDT"}
    assert all(set(market.others) == {"BTC/USDT", "ETH/USDT", "SOL/USDT"} for market in markets.values())
    assert all(market.events is None for market in markets.values())


@pytest.mark.parametrize("ask", [feature_table, lambda market, spec: latest_features(market, spec, 2**50)])
def test_other_symbols_of_another_interval_are_refused(ask):
    spec = RICH_SPECS[0]
    market = rich_market(spec, 1, np.ones(900, dtype=bool))
    others = {"BTC/USDT": replace(market.others["BTC/USDT"], interval="4h")}
    with pytest.raises(
        InvalidCandles, match="BTC/USDT: features are made of 1h candles, those given are of 4h"
    ):
        ask(MarketData(market.candles, None, others), spec)
