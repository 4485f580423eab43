"""Collections as people have them, read through the real pymongo from a server that speaks MongoDB's protocol."""

import datetime as dt

import numpy as np
import pytest

from forecasting.errors import (
    AmbiguousInput,
    UnknownInterval,
    UnreadableFile,
)
from forecasting.types import HOUR_MS
from tests.forecasting.adapters.collection.stored import SHORT, bars, documents


def same_rows(report, rows=None):
    expected = np.array(rows or bars())
    times = report.rows.open_time_ms.tolist() == expected[:, 0].astype(int).tolist()
    return times and np.array_equal(report.rows.values, expected[:, 1:])


def test_every_document_becomes_a_row(read):
    (report,) = read(documents())
    assert (report.symbol, report.interval, same_rows(report)) == ("BTC/USDT", "1m", True)


def test_usual_names_need_no_word(read):
    names = ("timestamp", "open", "high", "low", "close", "volume")
    (report,) = read(documents(names), fields=())
    assert same_rows(report)


def test_a_field_that_was_said_is_believed_over_one_with_a_usual_name(read):
    stored = [{**each, "time": each["ts"] + 7 * HOUR_MS, "open": 1.0} for each in documents()]
    (report,) = read(stored)
    assert same_rows(report)


def test_what_was_read_is_noted(read):
    (report,) = read(documents(("ts", "o", "h", "l", "close", "v")), fields=SHORT[:4])
    assert report.notes[0] == "fields read: time=ts, open=o, high=h, low=l, close, v"


def test_fields_may_lie_inside_of_others(read):
    stored = [{"at": {"ms": row[0]}, "k": dict(zip("ohlcv", row[1:], strict=True))} for row in bars()]
    fields = ("time=at.ms", "open=k.o", "high=k.h", "low=k.l", "close=k.c", "volume=k.v")
    assert same_rows(*read(stored, fields=fields))


@pytest.mark.parametrize(
    "written",
    [
        lambda ms: ms // 1000,
        lambda ms: ms * 1000,
        lambda ms: float(ms),
        str,
        lambda ms: dt.datetime.fromtimestamp(ms / 1000, tz=dt.UTC),
        lambda ms: dt.datetime.fromtimestamp(ms / 1000, tz=dt.UTC).isoformat(),
    ],
    ids=["seconds", "microseconds", "float", "digits", "date", "iso"],
)
def test_times_may_be_written_in_any_way(read, written):
    stored = [{**each, "ts": written(each["ts"])} for each in documents()]
    assert same_rows(*read(stored))


def test_units_that_are_mixed_are_told(read):
    stored = documents()
    for each in stored[100:]:
        each["ts"] //= 1000
    (report,) = read(stored)
    assert same_rows(report)
    assert "epochs of column 1 are mixed: 200 in s and 100 in ms" in report.notes


def test_numbers_may_be_texts(read):
    stored = [{name: repr(value) for name, value in each.items()} for each in documents()]
    assert same_rows(*read(stored))


def test_dates_without_a_zone_are_read_in_the_one_that_is_named(read):
    stored = [
        {
            **each,
            "ts": dt.datetime.fromtimestamp(each["ts"] / 1000 + 3600, tz=dt.UTC).strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
        }
        for each in documents()
    ]
    (report,) = read(stored, time_zone="Europe/Berlin")
    assert same_rows(report)
    assert "times carry no zone and were read as Europe/Berlin" in report.notes


def test_a_value_that_is_missing_stays_missing(read):
    stored = documents()
    del stored[3]["v"]
    stored[7]["o"] = None
    (report,) = read(stored)
    assert np.flatnonzero(report.rows.incomplete).tolist() == [3, 7]


def test_markets_are_told_apart_by_a_field(read):
    stored = [*documents(pair="BTCUSDT"), *documents(rows=bars(seed=2), pair="ETHUSDT")]
    first, second = read(stored, fields=(*SHORT, "symbol=pair"), symbols=())
    assert (first.symbol, second.symbol) == ("BTC/USDT", "ETH/USDT")
    assert same_rows(first)
    assert same_rows(second, bars(seed=2))


def test_only_markets_that_are_named_are_read(read):
    stored = [
        row
        for seed, pair in enumerate(("BTC-USDT", "ETH-USDT", "SOL-USDT"))
        for row in documents(rows=bars(seed=seed), pair=pair)
    ]
    reports = read(stored, symbols=("SOL/USDT", "BTC/USDT"))
    assert sorted(report.symbol for report in reports) == ["BTC/USDT", "SOL/USDT"]


def test_a_market_that_is_not_there_is_named(read):
    stored = [*documents(pair="BTC/USDT"), *documents(pair="ETH/USDT")]
    with pytest.raises(
        AmbiguousInput, match="no candles of XRP/USDT but of BTC/USDT, ETH/USDT: correct --symbol"
    ):
        read(stored, symbols=("BTC/USDT", "XRP/USDT"))


def test_intervals_are_told_apart_by_a_field(read):
    hours = bars(40, HOUR_MS)
    stored = [*documents(tf="1m"), *documents(rows=hours, tf="1h"), *documents(rows=hours[:3], tf="1w")]
    minute, hour = read(stored)
    assert (minute.interval, hour.interval) == ("1m", "1h")
    assert same_rows(minute)
    assert same_rows(hour, hours)
    assert "documents of other intervals left out: 1w" in hour.notes


def test_only_intervals_that_are_named_are_read(read):
    stored = [*documents(tf="1m"), *documents(rows=bars(40, HOUR_MS), tf="1h")]
    (report,) = read(stored, intervals=("1h",))
    assert report.interval == "1h"


def test_an_interval_that_is_not_there_is_named(read):
    with pytest.raises(UnknownInterval, match=r"candles: its intervals are 1m: one of 1h, 1d is needed"):
        read(documents(tf="1m"), intervals=("1h", "1d"))


def test_the_name_of_the_collection_may_say_market_and_interval(read):
    (report,) = read(documents(), collection="ETHUSDT_1m", symbols=())
    assert (report.symbol, report.interval) == ("ETH/USDT", "1m")


def test_a_market_that_nothing_says_is_demanded(read):
    with pytest.raises(AmbiguousInput, match="neither the name nor a column says the market: give --symbol"):
        read(documents(), symbols=())


def test_fields_that_nothing_names_are_demanded(read):
    with pytest.raises(AmbiguousInput) as caught:
        read(documents(("ts", "first", "h", "l", "last", "v")), fields=())
    assert str(caught.value).endswith(
        "no field for open, close among ts, first, h, l, last, v: say which with --fields open=FIELD,close=FIELD"
    )


def test_open_and_close_that_look_exchanged_are_asked_about(read):
    with pytest.raises(
        AmbiguousInput, match="open and close look exchanged: say with --fields which is which"
    ):
        read(documents(("ts", "c", "h", "l", "o", "v")), fields=())


def test_a_field_of_no_document_names_near_ones(read):
    with pytest.raises(
        UnreadableFile, match=r"none of its first 300 documents has the field 'oo' \(open\): near names are o"
    ):
        read(documents(), fields=("time=ts", "open=oo"))


def test_a_document_without_a_time_is_named(read):
    stored = documents()
    stored[41] = {"_id": "settings", "version": 3}
    with pytest.raises(
        UnreadableFile, match=r"candles, document 42 \(_id 'settings'\): no time in ts: complete or remove"
    ):
        read(stored)


def test_a_value_that_is_no_number_is_named(read):
    stored = documents()
    stored[5]["c"] = {"usd": 7}
    stored[5]["_id"] = "five"
    with pytest.raises(
        UnreadableFile, match=r"document 6 \(_id 'five'\): field 'c' holds dict: a number, a text or a date"
    ):
        read(stored)
