import threading
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.errors import NotEnoughHistory, StoreUnavailable, UnknownSymbol
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import latest_features
from forecasting.horizons import load_horizons
from forecasting.types import HOUR_MS, parse_utc
from serving.answers.market import Market, Question, StoreDoor

HORIZON = load_horizons()["1h"]
SPEC = FeatureSpec("1h", ("BTC/USDT",), (1, 3, 7, 14, 30))
START_MS = parse_utc("2025-12-20")


def candles_at(hours, symbol="BTC/USDT"):
    opens = START_MS + np.array(sorted(hours), dtype=np.int64) * HOUR_MS
    close = 100 + np.sin(opens / HOUR_MS)
    return Candles(symbol, "1h", opens, close, close + 1, close - 1, close, close)


@pytest.fixture(scope="module")
def market_with(tmp_path_factory):
    stores = []

    def build(*series):
        store = open_store(None, tmp_path_factory.mktemp("market") / "store.db", "unused")
        stores.append(store)
        market = Market(CandleStore(store), EventStore(store))
        for candles in series:
            market.candles.write(candles)
        return market

    yield build
    for store in stores:
        store.close()


def question(moment_ms, symbol="BTC/USDT"):
    return Question(symbol, HORIZON, moment_ms)


def features(candles, moment_ms):
    try:
        as_of_ms, row = latest_features(MarketData(candles), SPEC, moment_ms)
    except NotEnoughHistory:
        return None
    return as_of_ms, row.tobytes()


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 120), min_size=1), st.integers(HOUR_MS, 140 * HOUR_MS))
def test_features_of_what_is_read_are_those_of_the_whole_history(market_with, hours, after_ms):
    whole, moment_ms = candles_at(hours), START_MS + after_ms
    market = market_with(whole)
    try:
        read = market.closed_candles(question(moment_ms), SPEC.history_ms)
    except NotEnoughHistory:
        assert len(whole.closed_by(moment_ms)) == 0
    else:
        assert features(read, moment_ms) == features(whole, moment_ms)


@pytest.fixture(scope="module")
def growing(market_with):
    """One store for all examples, in which each has a symbol of its own."""
    return market_with(), count()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(("1h", "30m")), st.sets(st.integers(0, 60), min_size=1), st.integers(0, 2)),
        min_size=1,
        max_size=6,
    ),
    st.integers(HOUR_MS, 80 * HOUR_MS),
)
@example([("1h", range(40), 0), ("1h", range(46), 0)], 70 * HOUR_MS)
@example([("30m", range(41), 0), ("30m", range(50), 1), ("1h", range(9), 0)], 70 * HOUR_MS)
def test_what_was_known_is_read_again_whatever_was_received_since(growing, deliveries, after_ms):
    market, numbers = growing
    symbol = f"A{next(numbers)}/USDT"
    asked, known = question(START_MS + after_ms, symbol), {}
    for number, (interval, hours, shift) in enumerate(deliveries):
        received_ms = START_MS + 1000 * HOUR_MS + number
        rows = (half_hours if interval == "30m" else shifted)(hours, symbol, shift)
        market.candles.write(rows, "", received_ms)
        known[received_ms] = read(market, asked)
    for received_ms, expected in known.items():
        assert read(replace(market, as_of_ms=received_ms), asked) == expected


def shifted(hours, symbol, shift):
    candles = candles_at(hours, symbol)
    return replace(candles, volume=candles.volume + shift)


def half_hours(hours, symbol, shift):
    candles = shifted(hours, symbol, shift)
    opens = START_MS + (candles.open_time_ms - START_MS) // 2
    return replace(candles, interval="30m", open_time_ms=opens)


def read(market, asked):
    try:
        candles = market.closed_candles(asked, 5 * HOUR_MS)
    except (NotEnoughHistory, UnknownSymbol) as error:
        return type(error)
    return [getattr(candles, name).tobytes() for name in CANDLE_COLUMNS]


def test_no_more_is_read_than_is_needed(market_with):
    market = market_with(candles_at(range(400)))
    read = market.closed_candles(question(START_MS + 300 * HOUR_MS), SPEC.history_ms)
    assert len(read) == SPEC.history_bars


def test_a_candle_that_is_not_closed_is_not_read(market_with):
    read = market_with(candles_at(range(100))).closed_candles(question(START_MS + 50 * HOUR_MS - 1), HOUR_MS)
    assert read.close_time_ms[-1] == START_MS + 49 * HOUR_MS


def test_the_history_before_a_long_outage_is_found(market_with):
    market = market_with(candles_at([*range(100), 5000]))
    read = market.closed_candles(question(START_MS + 4000 * HOUR_MS), SPEC.history_ms)
    assert read.close_time_ms[-1] == START_MS + 100 * HOUR_MS


def test_a_moment_before_the_first_candle_closed_is_not_enough_history(market_with):
    with pytest.raises(NotEnoughHistory, match="its history begins 2025-12-20T00:00:00Z"):
        market_with(candles_at([0, 1])).closed_candles(question(START_MS + HOUR_MS - 1), HOUR_MS)


def test_an_empty_store_says_that_it_is_empty(market_with):
    with pytest.raises(UnknownSymbol, match="no candles are stored yet"):
        market_with().closed_candles(question(START_MS), HOUR_MS)


def test_of_many_known_symbols_some_are_named_and_the_rest_counted(market_with):
    market = market_with(*(candles_at([0], f"C{number:02}/USDT") for number in range(11)))
    with pytest.raises(UnknownSymbol, match=r"C00/USDT, .*C07/USDT and 3 more$"):
        market.closed_candles(question(START_MS), HOUR_MS)


class FlakyStore:
    """Opens at the second try, and remembers whether it was closed."""

    def __init__(self):
        self.tries = 0
        self.closed = 0

    def open(self):
        self.tries += 1
        if self.tries == 1:
            raise StoreUnavailable("not yet")
        return self

    def close(self):
        self.closed += 1


def test_a_door_opens_when_the_store_is_there_and_only_once():
    flaky = FlakyStore()
    door = StoreDoor(flaky.open, rest_seconds=0)
    door.try_open()
    assert door.stored() is door.stored()
    assert flaky.tries == 2


def test_after_a_failure_the_store_is_left_alone_for_a_while():
    flaky, now = FlakyStore(), [0.0]
    door = StoreDoor(flaky.open, rest_seconds=1, clock=lambda: now[0])
    door.try_open()
    now[0] = 0.9
    with pytest.raises(StoreUnavailable, match="not yet"):
        door.market()
    assert flaky.tries == 1
    now[0] = 1.0
    assert door.stored() is door.stored()


def test_while_the_store_is_not_there_the_door_says_so():
    with pytest.raises(StoreUnavailable, match="not yet"):
        StoreDoor(FlakyStore().open).market()


def test_a_closed_door_closes_the_store_once():
    flaky = FlakyStore()
    door = StoreDoor(flaky.open, rest_seconds=0)
    door.try_open()
    door.try_open()
    door.close()
    door.close()
    assert flaky.closed == 1


def test_a_door_that_never_opened_can_be_closed():
    StoreDoor(FlakyStore().open).close()


def test_requests_that_come_together_open_one_store():
    flaky = FlakyStore()
    flaky.tries = 1
    door = StoreDoor(flaky.open)
    threads = [threading.Thread(target=door.market) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flaky.tries == 2
