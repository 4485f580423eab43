import socket

import numpy as np
import pytest

from forecasting.adapters.exchange.feed import ATTEMPTS, FIRST_WAIT_S, open_feed
from forecasting.candles import validate_candles
from forecasting.errors import InputError, SourceUnavailable, UnknownInterval, UnknownSymbol
from forecasting.types import HOUR_MS, parse_utc
from tests.forecasting.adapters.exchange.exchange_server import REFUSAL, serve_exchange

START = parse_utc("2024-03-01")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def exchange():
    with serve_exchange() as fake:
        yield fake


@pytest.fixture
def waits():
    return []


def hours_of(count, start_ms=START):
    price = 100.0 + np.arange(count)
    columns = start_ms + HOUR_MS * np.arange(count), price, price + 2, price - 1, price + 1, price / 7
    return [[float(value) for value in row] for row in zip(*columns, strict=True)]


def pages(fake, exchange_id, symbol, *, interval="1h", start=START, stop=None, now=None, wait=None):
    stop = START + 10_000 * HOUR_MS if stop is None else stop
    settings = fake.settings(exchange_id.removesuffix("exchange"))
    with open_feed(exchange_id, symbol, interval, settings=settings, wait=wait or pytest.fail) as feed:
        yield from feed.pages(start, stop, stop if now is None else now)


def binance(fake, symbol="BTC/USDT", **asked):
    return list(pages(fake, "binance", symbol, **asked))


def coinbase(fake, **asked):
    return list(pages(fake, "coinbaseexchange", "BTC/USD", **asked))


def joined(parts, column):
    return np.concatenate([getattr(part, column) for part in parts])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_every_candle_arrives_once_and_oldest_first(exchange):
    exchange.rows = hours_of(2_345)
    parts = binance(exchange, stop=START + 2_345 * HOUR_MS)
    assert joined(parts, "open_time_ms").tolist() == [row[0] for row in exchange.rows]
    assert len(parts) == 3


def test_values_are_those_of_the_exchange(exchange):
    exchange.rows = hours_of(30)
    (candles,) = binance(exchange, stop=START + 30 * HOUR_MS)
    assert np.array_equal(np.array(exchange.rows)[:, 1:], candles.values)
    assert validate_candles(candles.to_candles()).symbol == "BTC/USDT"


def test_an_exchange_that_answers_newest_first_gives_the_same_candles(exchange):
    exchange.rows = hours_of(700)
    parts = coinbase(exchange, stop=START + 700 * HOUR_MS)
    assert joined(parts, "open_time_ms").tolist() == [row[0] for row in exchange.rows]
    assert joined(parts, "values")[:, 1].tolist() == [row[2] for row in exchange.rows]


def test_a_gap_longer_than_a_page_does_not_end_the_download(exchange):
    exchange.rows = hours_of(50) + hours_of(50, START + 1_000 * HOUR_MS)
    parts = coinbase(exchange, stop=START + 1_200 * HOUR_MS)
    assert joined(parts, "open_time_ms").tolist() == [row[0] for row in exchange.rows]


def test_a_market_listed_later_begins_later(exchange):
    exchange.rows = hours_of(40, START + 900 * HOUR_MS)
    (candles,) = coinbase(exchange, stop=START + 940 * HOUR_MS)
    assert candles.open_time_ms[0] == START + 900 * HOUR_MS


def test_the_open_candle_is_left_out(exchange):
    exchange.rows = hours_of(11)
    (candles,) = binance(exchange, now=START + 10 * HOUR_MS + HOUR_MS // 2)
    assert candles.open_time_ms[-1] == START + 9 * HOUR_MS


def test_a_candle_that_closes_now_is_there(exchange):
    exchange.rows = hours_of(11)
    (candles,) = binance(exchange, now=START + 11 * HOUR_MS)
    assert candles.open_time_ms[-1] == START + 10 * HOUR_MS


def test_the_span_is_half_open(exchange):
    exchange.rows = hours_of(20)
    (candles,) = binance(
        exchange, start=START + 5 * HOUR_MS, stop=START + 8 * HOUR_MS, now=START + 99 * HOUR_MS
    )
    assert candles.open_time_ms.tolist() == [START + each * HOUR_MS for each in (5, 6, 7)]


def test_a_start_between_two_candles_begins_with_the_next(exchange):
    exchange.rows = hours_of(20)
    (candles,) = binance(exchange, start=START + 1, stop=START + 20 * HOUR_MS)
    assert candles.open_time_ms[0] == START + HOUR_MS
    assert f"startTime={START + HOUR_MS}" in exchange.candle_requests()[0]


@pytest.mark.parametrize("ask", [binance, coinbase])
@pytest.mark.parametrize("page_rows", [1, 7, 299])
def test_pages_that_are_silently_shorter_than_asked_leave_no_hole(exchange, ask, page_rows):
    exchange.rows, exchange.page_rows = hours_of(330), page_rows
    parts = ask(exchange, stop=START + 330 * HOUR_MS)
    assert joined(parts, "open_time_ms").tolist() == [row[0] for row in exchange.rows]


@pytest.mark.parametrize(("ask", "bars"), [(binance, 1_000), (coinbase, 300)])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_no_candle_is_lost_or_doubled_at_the_edge_of_a_page(exchange, ask, bars, more):
    exchange.rows = hours_of(2 * bars + more)
    parts = ask(exchange, stop=START + (2 * bars + more) * HOUR_MS)
    assert joined(parts, "open_time_ms").tolist() == [row[0] for row in exchange.rows]


def test_a_span_of_nothing_asks_for_no_candle(exchange):
    assert binance(exchange, stop=START) == []
    assert exchange.candle_requests() == []


def test_a_download_that_was_cut_is_resumed_without_a_seam(exchange):
    exchange.rows = hours_of(1_500)
    first = next(pages(exchange, "binance", "BTC/USDT", stop=START + 1_500 * HOUR_MS))
    rest = binance(exchange, start=int(first.open_time_ms[-1]) + HOUR_MS, stop=START + 1_500 * HOUR_MS)
    assert joined([first, *rest], "open_time_ms").tolist() == [row[0] for row in exchange.rows]


def test_a_value_that_the_exchange_leaves_out_is_missing_not_zero(exchange):
    exchange.rows = hours_of(3)
    exchange.rows[1][5] = None
    (candles,) = binance(exchange, stop=START + 3 * HOUR_MS)
    assert candles.incomplete.tolist() == [False, True, False]


def test_a_symbol_may_be_written_with_a_dash(exchange):
    exchange.rows = hours_of(3)
    (candles,) = binance(exchange, "btc-usdt", stop=START + 3 * HOUR_MS)
    assert candles.symbol == "BTC/USDT"


def test_a_request_that_failed_is_sent_again_after_a_wait(exchange, waits):
    exchange.rows = hours_of(3)
    exchange.failures = [(503, "{}"), (429, "{}"), (502, "{}")]
    (candles,) = binance(exchange, stop=START + 3 * HOUR_MS, wait=waits.append)
    assert len(candles) == 3
    assert len(waits) == 3


def test_the_waits_grow_within_their_bounds(exchange, waits):
    exchange.failures = [(503, "{}")] * 50
    with pytest.raises(SourceUnavailable):
        binance(exchange, wait=waits.append)
    assert all(0 <= each <= FIRST_WAIT_S * 2**turn for turn, each in enumerate(waits))


def test_an_exchange_that_keeps_failing_is_asked_a_bounded_number_of_times(exchange, waits):
    exchange.failures = [(503, "{}")] * 50
    with pytest.raises(SourceUnavailable):
        binance(exchange, wait=waits.append)
    assert len(exchange.asked) == ATTEMPTS
    assert len(waits) == ATTEMPTS - 1


def test_an_unreachable_host_is_one_line_that_says_what_to_do(waits):
    settings = {
        "urls": {"api": {"public": f"http://127.0.0.1:{free_port()}"}},
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "rateLimit": 0,
    }
    with (
        pytest.raises(SourceUnavailable) as caught,
        open_feed("binance", "BTC/USDT", "1h", settings=settings, wait=waits.append),
    ):
        pass
    message = str(caught.value)
    assert message.startswith("binance cannot be reached (NetworkError: binance GET http://127.0.0.1:")
    assert message.endswith("): check the network, or use a folder of files")
    assert "\n" not in message
    assert len(waits) == ATTEMPTS - 1


def test_a_long_page_of_an_error_becomes_one_short_line(exchange, waits):
    exchange.failures = [(503, "<html>\n" + "down\n" * 999 + "</html>")] * 50
    with pytest.raises(SourceUnavailable) as caught:
        binance(exchange, wait=waits.append)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_a_refusal_is_not_asked_again(exchange):
    exchange.failures = [(401, REFUSAL)]
    with pytest.raises(
        SourceUnavailable, match=r"^binance refuses to answer \(AuthenticationError.*another exchange"
    ):
        binance(exchange)
    assert len(exchange.asked) == 1


@pytest.mark.parametrize("text", ["<html>log in to this network</html>", "[]", "null", '{"symbols": 3}'])
def test_an_answer_that_no_exchange_gives_is_not_taken_for_an_exchange(exchange, waits, text):
    exchange.page_text = text
    with pytest.raises(SourceUnavailable, match="check the network"):
        binance(exchange, wait=waits.append)


def test_an_unknown_exchange_names_near_ones():
    with pytest.raises(InputError, match=r"'binanec' is unknown.*binance"):
        open_feed("binanec", "BTC/USDT", "1h").__enter__()


def test_an_exchange_like_no_other_still_gets_examples():
    with pytest.raises(InputError, match="as binance, coinbase, kraken"):
        open_feed("§", "BTC/USDT", "1h").__enter__()


def test_an_exchange_without_candles_is_refused():
    with pytest.raises(InputError, match="bitflyer offers no public candles"):
        open_feed("bitflyer", "BTC/JPY", "1h").__enter__()


def test_an_unknown_market_names_near_ones(exchange):
    with pytest.raises(UnknownSymbol, match=r"binance has no market BTC/USDX.*BTC/USDT"):
        binance(exchange, "BTC/USDX")


def test_a_market_like_no_other_still_gets_examples(exchange):
    with pytest.raises(UnknownSymbol, match="binance has no market XQ/JPY: one of its own is needed, as "):
        binance(exchange, "XQ/JPY")


def test_an_interval_that_the_exchange_does_not_offer_names_those_it_does(exchange):
    with pytest.raises(
        UnknownInterval, match="coinbaseexchange offers no candles of 4h: one of 1m, 5m, 15m, 1h, 6h"
    ):
        coinbase(exchange, interval="4h")


def test_an_interval_that_nobody_knows_is_refused_before_anything_is_asked(exchange):
    with pytest.raises(UnknownInterval, match="interval '7m' is unknown"):
        binance(exchange, interval="7m")
    assert exchange.asked == []


def test_ccxt_is_not_loaded_until_it_is_needed():
    import subprocess
    import sys

    code = "import sys, forecasting.adapters.exchange.feed; sys.exit('ccxt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
