from __future__ import annotations

import pytest

from forecasting.adapters.files.names import known_interval, market_readings, parse_file_name


@pytest.mark.parametrize(
    ("name", "symbol", "interval"),
    [
        ("BTC_USDT-1m.feather", "BTC/USDT", "1m"),
        ("UNITTEST_BTC-1m.feather", "UNITTEST/BTC", "1m"),
        ("SOL_USDT_USDT-1m-futures.feather", "SOL/USDT:USDT", "1m"),
        ("BTC_USD_BTC-4h-futures.feather", "BTC/USD:BTC", "4h"),
        ("XMR_USD-1h.csv", "XMR/USD", "1h"),
        ("BTC-USD.csv", "BTC/USD", None),
        ("BTC-USD (1).csv", "BTC/USD", None),
        ("USDT-USD.csv", "USDT/USD", None),
        ("BTCUSDT-1h-2024-01.csv", "BTC/USDT", "1h"),
        ("BTCUSDT-1h-2024-01-15.zip", "BTC/USDT", "1h"),
        ("ETHBTC-15m-2024-01.csv.gz", "ETH/BTC", "15m"),
        ("1000PEPEUSDT-1d-2024-01.zip", "1000PEPE/USDT", "1d"),
        ("Binance_ETHUSDT_1h.csv", "ETH/USDT", "1h"),
        ("Bitstamp_BTCUSD_d.csv", "BTC/USD", "1d"),
        ("Gemini_BTCUSD_2019_1min.csv", "BTC/USD", "1m"),
        ("Bitstamp_BTCUSD_2021_minute.csv", "BTC/USD", "1m"),
        ("coinbase_btc-usd_1H.parquet", "BTC/USD", "1h"),
        ("ETHEUR_60.csv", "ETH/EUR", None),
        ("SPOT_USDT-1h.json", "SPOT/USDT", "1h"),
    ],
)
def test_a_name_says_market_and_interval(name: str, symbol: str, interval: str | None) -> None:
    said = parse_file_name(name)
    assert (said.symbol, said.interval, said.other_rows) == (symbol, interval, None)


@pytest.mark.parametrize(
    "name", ["candles.csv", "my_data.csv", "bitcoin.csv", "USDT.csv", "2024-01.csv", "A_B_C.csv"]
)
def test_a_name_without_a_known_quote_says_no_market(name: str) -> None:
    assert parse_file_name(name).symbol is None


@pytest.mark.parametrize(
    ("name", "readings"),
    [("BTCBUSD-1h.csv", ("BTC/BUSD", "BTCB/USD")), ("DOTUSD_60.csv", ("DO/TUSD", "DOT/USD"))],
)
def test_a_name_with_two_readings_says_both_and_chooses_none(name: str, readings: tuple[str, ...]) -> None:
    said = parse_file_name(name)
    assert (said.symbol, said.readings) == (None, readings)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("BTC_USDT_USDT-8h-funding_rate.feather", "funding rates"),
        ("BTC_USDT_USDT-1h-mark.feather", "mark prices"),
        ("BTC_USDT-trades.feather", "single trades"),
    ],
)
def test_a_name_says_that_the_rows_are_no_candles(name: str, rows: str) -> None:
    assert parse_file_name(name).other_rows == rows


def test_an_unknown_interval_is_kept_as_written() -> None:
    assert parse_file_name("BTC_USDT-1w.feather").interval == "1w"


def test_an_upper_case_m_is_a_month_and_no_minute() -> None:
    assert known_interval("1M") is None


def test_a_first_part_like_an_interval_is_the_market() -> None:
    assert parse_file_name("1INCH_USDT-1h.csv").symbol == "1INCH/USDT"


def test_three_currencies_need_a_settlement_among_them() -> None:
    assert market_readings(["BTC", "USDT", "EUR"]) == []


def test_a_code_with_signs_is_no_currency() -> None:
    assert market_readings(["B$C", "USDT"]) == []
