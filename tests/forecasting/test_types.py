import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError, UnknownInterval
from forecasting.types import INTERVALS_MS, interval_ms, parse_symbol, parse_utc, utc_iso


def test_intervals_are_listed_from_short_to_long():
    assert list(INTERVALS_MS.values()) == sorted(INTERVALS_MS.values())


@pytest.mark.parametrize(("interval", "minutes"), [("1m", 1), ("15m", 15), ("4h", 240), ("1d", 1440)])
def test_an_interval_has_its_length(interval, minutes):
    assert interval_ms(interval) == minutes * 60_000


def test_an_unknown_interval_is_refused_with_those_that_exist():
    with pytest.raises(UnknownInterval, match=r"interval '7h' is unknown: one of 1m, .*1d is needed"):
        interval_ms("7h")


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTC/USDT", "BTC/USDT"),
        (" btc-usd ", "BTC/USD"),
        ("XMR_USD", "XMR/USD"),
        ("1000PEPE/USDT", "1000PEPE/USDT"),
        ("sol/usdt:usdt", "SOL/USDT:USDT"),
    ],
)
def test_a_symbol_is_brought_to_its_unified_name(text, symbol):
    assert parse_symbol(text) == symbol


@pytest.mark.parametrize("text", ["", "BTCUSDT", "BTC/", "/USDT", "BTC/USDT/EUR", "BTC/USDT:", "ÄTC/USDT"])
def test_what_is_no_symbol_is_refused(text):
    with pytest.raises(InputError, match="is not of the form BASE/QUOTE"):
        parse_symbol(text)


@pytest.mark.parametrize(
    ("moment_ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1000, "1969-12-31T23:59:59Z"),
        (1_735_689_600_000, "2025-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_written_in_utc(moment_ms, text):
    assert utc_iso(moment_ms) == text


@given(st.integers(-(10**12), 10**13))
def test_reading_a_written_moment_gives_it_back(moment_ms):
    assert parse_utc(utc_iso(moment_ms)) == moment_ms


@pytest.mark.parametrize(
    "text", ["2025-01-01T00:00:00Z", "2025-01-01", " 2025-01-01T00:00 ", "2025-01-01T02:00:00+02:00"]
)
def test_a_time_without_a_zone_is_utc_and_others_are_converted(text):
    assert parse_utc(text) == 1_735_689_600_000


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "1735689600000x"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InputError, match="is not ISO 8601"):
        parse_utc(text)
