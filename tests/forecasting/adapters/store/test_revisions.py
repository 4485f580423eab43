"""A value that changes later stays readable as of the time before, and the change is counted and alerted."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.adapters.store.candle_history import NEVER_MS
from forecasting.candles import resample
from forecasting.errors import InvalidCandles
from forecasting.types import DAY_MS, MINUTE_MS, parse_utc
from tests.forecasting.adapters.store.places import candles_of, same

BTC = ("BTC/USDT", "1m")
T1 = parse_utc("2024-03-01")
T2, T3 = T1 + DAY_MS, T1 + 2 * DAY_MS


@pytest.fixture
def candles(store):
    return CandleStore(store)


@pytest.fixture
def alerts(store):
    return AlertBook(store)


def revised(candles, *rows, by=1.02):
    """The same candles, some with a higher close and high."""
    close, high = candles.close.copy(), candles.high.copy()
    close[list(rows)] *= by
    return replace(candles, close=close, high=np.maximum(high, close))


def test_both_values_are_readable_each_as_of_its_time(candles):
    first = candles_of(10)
    second = revised(first, 4, 7)
    assert candles.write(first, "a", T1) == WriteReport(added=10)
    assert candles.write(second, "b", T2) == WriteReport(unchanged=8, revised=2)
    for as_of_ms, expected in ((None, second), (T2, second), (T2 - 1, first), (T1, first)):
        assert same(candles.read_candles(*BTC, as_of_ms=as_of_ms), expected)
    assert not len(candles.read_candles(*BTC, as_of_ms=T1 - 1))


def test_what_was_not_received_yet_is_absent(candles):
    table = candles_of(10)
    candles.write(table.take(slice(0, None, 2)), "", T1)
    candles.write(table.take(slice(1, None, 2)), "", T2)
    assert same(candles.read_candles(*BTC, as_of_ms=T2 - 1), table.take(slice(0, None, 2)))
    assert same(candles.read_candles(*BTC, as_of_ms=T2), table)


def test_a_span_as_of_a_moment_is_half_open(candles):
    first = candles_of(10)
    candles.write(first, "", T1)
    candles.write(revised(first, 4), "", T2)
    start_ms, stop_ms = (int(first.open_time_ms[row]) for row in (3, 6))
    assert same(candles.read_candles(*BTC, start_ms, stop_ms, T1), first.take(slice(3, 6)))


def test_values_received_earlier_but_written_later_take_their_place_in_history(candles):
    first = candles_of(10)
    newest, late = revised(first, 4), revised(first, 4, by=1.05)
    candles.write(first, "", T1)
    candles.write(newest, "", T3)
    assert candles.write(late, "", T2) == WriteReport(unchanged=9, revised=1)
    assert same(candles.read_candles(*BTC), newest)
    assert same(candles.read_candles(*BTC, as_of_ms=T2), late)
    assert same(candles.read_candles(*BTC, as_of_ms=T2 - 1), first)


def test_the_order_of_writes_does_not_matter_where_received_says_another(candles):
    first = candles_of(10)
    tables = {T1: first, T2: revised(first, 4), T3: revised(first, 4, 5, by=1.3)}
    for received_ms in (T2, T3, T1):
        candles.write(tables[received_ms], "", received_ms)
    for received_ms, table in tables.items():
        assert same(candles.read_candles(*BTC, as_of_ms=received_ms), table)


def test_the_same_values_known_earlier_are_no_revision(candles):
    table = candles_of(10)
    candles.write(table, "late", T2)
    assert candles.write(table, "early", T1) == WriteReport(unchanged=10)
    assert same(candles.read_candles(*BTC, as_of_ms=T1), table)
    assert set(candles.read_history(*BTC).source) == {"early"}
    assert candles.stored()[0].sources == ("early",)


def test_a_value_that_comes_back_is_a_revision_again(candles):
    first = candles_of(3)
    for received_ms, table in ((T1, first), (T2, revised(first, 0)), (T3, first)):
        report = candles.write(table, "", received_ms)
    assert report == WriteReport(unchanged=2, revised=1)
    assert len(candles.read_history(*BTC)) == 5


def test_history_tells_every_value_with_its_source_and_its_time(candles):
    first = candles_of(4)
    second = revised(first, 2)
    candles.write(first.take(slice(0, 3)), "file", T1)
    candles.write(second, "binance", T2)
    found = candles.read_history(*BTC)
    assert found.values.open_time_ms.tolist() == first.open_time_ms[[0, 1, 2, 2, 3]].tolist()
    assert found.values.close[2:4].tolist() == [first.close[2], second.close[2]]
    assert found.received_ms.tolist() == [T1, T1, T1, T2, T2]
    assert found.superseded_ms.tolist() == [NEVER_MS, NEVER_MS, T2, NEVER_MS, NEVER_MS]
    assert found.source.tolist() == ["file", "file", "file", "binance", "binance"]
    assert same(found.take(found.current).values, second)
    assert same(found.known_at(T1).values, first.take(slice(0, 3)))


def test_history_of_a_span_crosses_blocks(candles):
    table = candles_of(5_000)
    candles.write(table, "file", T1)
    start_ms, stop_ms = int(table.open_time_ms[10]), int(table.open_time_ms[4_000])
    found = candles.read_history(*BTC, start_ms, stop_ms)
    assert same(found.values, table.take(slice(10, 4_000)))
    assert set(found.source) == {"file"}


def test_nothing_stored_has_no_history(candles):
    assert len(candles.read_history(*BTC)) == 0


@pytest.mark.parametrize("early_ms", [0, 1])
def test_a_candle_that_is_not_closed_when_it_is_received_is_left_out_and_counted(candles, early_ms):
    table = candles_of(10)
    received_ms = int(table.close_time_ms[-1]) - early_ms
    assert candles.write(table, "", received_ms) == WriteReport(added=10 - early_ms, still_open=early_ms)
    assert same(candles.read_candles(*BTC), table.take(slice(0, 10 - early_ms)))


def test_now_is_the_moment_of_receipt_unless_another_is_given(candles):
    candles.write(candles_of(3))
    (received_ms,) = set(candles.read_history(*BTC).received_ms.tolist())
    assert parse_utc("2024-06-01") < received_ms < parse_utc("2200-01-01")
    assert candles.write(candles_of(3, start="2200-01-01")) == WriteReport(still_open=3)


def test_rows_may_come_in_any_order_and_twice(candles):
    table = candles_of(1_000)
    assert candles.write(table.take(slice(None, None, -1))) == WriteReport(added=1_000)
    shuffled = np.random.default_rng(4).permutation(np.r_[0:1_000, 0:500])
    assert candles.write(table.take(shuffled)) == WriteReport(unchanged=1_000)
    assert same(candles.read_candles(*BTC), table)


def test_two_values_of_one_time_in_one_write_are_refused_with_the_time(candles):
    table = candles_of(10)
    both = revised(table, 3).take(np.array([3])), table
    mixed = replace(table, **{
        name: np.concatenate([getattr(each, name) for each in both])
        for name in ("open_time_ms", "open", "high", "low", "close", "volume")
    })  # fmt: skip
    with pytest.raises(
        InvalidCandles, match=r"2024-01-30T00:03:00Z .*is there twice with other values; 1 such"
    ):
        candles.write(mixed)
    assert candles.series() == []


def test_one_write_that_revises_raises_one_alert_over_all_its_blocks(candles, alerts, caplog):
    first = candles_of(5_000)
    candles.write(first, "a", T1)
    assert alerts.newest() == []
    candles.write(revised(first, 10, 4_990), "binance", T2)
    (alert,) = alerts.newest()
    assert alert.kind == "revision"
    assert alert.facts == {
        "symbol": "BTC/USDT",
        "interval": "1m",
        "source": "binance",
        "candles": 2,
        "first_open_ms": int(first.open_time_ms[10]),
        "last_open_ms": int(first.open_time_ms[4_990]),
        "largest_price_change": pytest.approx(0.02),
    }
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "alert: revision: symbol=BTC/USDT, interval=1m, source=binance, candles=2" in record.getMessage()


def test_a_change_of_volume_is_a_revision_without_a_change_of_price(candles, alerts):
    first = candles_of(3)
    candles.write(first, "", T1)
    candles.write(replace(first, volume=first.volume * 2), "", T2)
    assert alerts.newest()[0].facts["largest_price_change"] == 0.0


def test_the_largest_change_of_a_price_can_always_be_stored(candles, alerts):
    low, high = (
        replace(candles_of(1), **dict.fromkeys(("open", "high", "low", "close"), np.array([price])))
        for price in (1e-300, 1e300)
    )
    candles.write(low, "", T1)
    candles.write(high, "", T2)
    assert alerts.newest()[0].facts["largest_price_change"] > 1e300


def test_the_alert_is_there_before_the_block_is(store, candles, alerts, monkeypatch):
    """A process that dies between the two leaves an alert too many, never one too few."""
    first = candles_of(3)
    candles.write(first, "", T1)

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "compare_and_set", die)
    with pytest.raises(KeyboardInterrupt):
        candles.write(revised(first, 1), "", T2)
    assert [alert.facts["candles"] for alert in alerts.newest()] == [1]


def test_a_revision_that_another_writer_made_first_is_alerted_once(store, candles, alerts, monkeypatch):
    first = candles_of(3)
    candles.write(first, "", T1)
    compare_and_set = store.compare_and_set

    def lose(*arguments):
        monkeypatch.setattr(store, "compare_and_set", compare_and_set)
        CandleStore(store).write(revised(first, 1), "other", T2)
        return compare_and_set(*arguments)

    monkeypatch.setattr(store, "compare_and_set", lose)
    assert candles.write(revised(first, 1), "", T2) == WriteReport(unchanged=3)
    assert [alert.facts["source"] for alert in alerts.newest()] == ["other"]


def test_resampled_candles_are_made_of_what_was_known(candles):
    first = candles_of(600)
    second = revised(first, 70)
    candles.write(first, "", T1)
    candles.write(second, "", T2)
    assert same(candles.read_base("BTC/USDT", "1h", as_of_ms=T1), resample(first, "1h"))
    assert same(candles.read_base("BTC/USDT", "1h"), resample(second, "1h"))
    assert not len(candles.read_base("BTC/USDT", "1h", as_of_ms=T1 - 1))


def test_an_interval_that_was_stored_later_is_not_what_was_known_before(candles):
    minutes, hours = candles_of(600), candles_of(10, interval="1h", seed=5)
    candles.write(minutes, "", T1)
    candles.write(hours, "", T2)
    assert same(candles.read_base("BTC/USDT", "1h", as_of_ms=T2 - 1), resample(minutes, "1h"))
    assert same(candles.read_base("BTC/USDT", "1h", as_of_ms=T2), hours)


def test_an_old_value_is_kept_when_candles_around_it_are_added(candles):
    table = candles_of(100)
    candles.write(table.take(slice(40, 60)), "", T1)
    candles.write(revised(table, 50).take(slice(40, 60)), "", T2)
    candles.write(table.take(np.r_[0:40, 60:100]), "", T3)
    assert candles.read_candles(*BTC).close[50] == pytest.approx(table.close[50] * 1.02)
    assert same(candles.read_candles(*BTC, as_of_ms=T1), table.take(slice(40, 60)))
    assert candles.series()[0].rows == 100
    assert int(table.open_time_ms[1] - table.open_time_ms[0]) == MINUTE_MS
