"""The newest candles of a series: the same as the end of all of them, gaps and coarser bars included."""

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_page import CandleQuestion, newest_candles
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.types import DAY_MS, HOUR_MS

NOW_MS = 400 * DAY_MS
HOURS = 24 * 90


def candles(hours, first_ms=0, symbol="AAA/USDT"):
    times = first_ms + np.asarray(hours, dtype=np.int64) * HOUR_MS
    price = 100.0 + np.arange(len(times), dtype=np.float64)
    return Candles(symbol, "1h", times, price, price + 1, price - 1, price, np.ones(len(times)))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    store = open_store(None, tmp_path_factory.mktemp("candles") / "store.db", "unused")
    there = [hour for hour in range(HOURS) if not 1000 <= hour < 1900]
    CandleStore(store).write(candles(there), received_ms=NOW_MS)
    yield CandleStore(store)
    store.close()


@pytest.mark.parametrize("limit", [1, 7, 300, 5000])
@pytest.mark.parametrize("interval", ["1h", "4h", "1d"])
@pytest.mark.parametrize("span", [(None, None), (950, None), (None, 1905), (990, 1903), (1200, 1300)])
def test_the_page_is_the_end_of_all_candles_of_the_span(reader, interval, limit, span):
    start_ms, stop_ms = (None if each is None else each * HOUR_MS for each in span)
    everything = reader.read_base("AAA/USDT", interval).between(start_ms, stop_ms)
    page = newest_candles(reader, CandleQuestion("AAA/USDT", interval, start_ms, stop_ms), limit)
    assert page.candles.open_time_ms.tolist() == everything.open_time_ms[-limit:].tolist()
    assert page.candles.close.tolist() == everything.close[-limit:].tolist()
    assert (page.next_stop_ms is not None) == (len(everything) > limit)


def test_walking_back_gives_every_candle_once(reader):
    found, stop_ms = [], None
    while True:
        page = newest_candles(reader, CandleQuestion("AAA/USDT", "1h", None, stop_ms), 500)
        found = [*page.candles.open_time_ms.tolist(), *found]
        stop_ms = page.next_stop_ms
        if stop_ms is None:
            break
    assert found == reader.read_candles("AAA/USDT", "1h").open_time_ms.tolist()


def test_few_candles_of_a_long_history_are_read_from_few_blocks(reader, monkeypatch):
    asked = []
    monkeypatch.setattr(
        reader, "read_candles", lambda *words: asked.append(words) or CandleStore.read_candles(reader, *words)
    )
    newest_candles(reader, CandleQuestion("AAA/USDT", "1h"), 10)
    assert [words[2] for words in asked] == [(HOURS - 11) * HOUR_MS]


def test_what_was_received_later_is_not_known_before(reader):
    with pytest.raises(
        NotEnoughHistory, match=r"^no candle of AAA/USDT was known at 1971-02-04T23:59:59.999Z: "
    ):
        newest_candles(reader, CandleQuestion("AAA/USDT", "1h", as_of_ms=NOW_MS - 1), 10)


@pytest.mark.parametrize("as_of_ms", [None, NOW_MS - 1])
def test_an_unknown_symbol_is_told(reader, as_of_ms):
    with pytest.raises(UnknownSymbol, match=r"^the symbol is unknown: "):
        newest_candles(reader, CandleQuestion("BBB/USDT", "1h", as_of_ms=as_of_ms), 10)


def test_a_finer_interval_than_is_stored_is_told(reader):
    with pytest.raises(NotEnoughHistory, match=r"no candles of 1m or finer .* there are 1h"):
        newest_candles(reader, CandleQuestion("AAA/USDT", "1m"), 10)
