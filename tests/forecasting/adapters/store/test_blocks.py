"""A block is one document: whole, checked, and far from the largest that an engine takes."""

import numpy as np
import pytest

from forecasting.adapters.store import blocks
from forecasting.adapters.store.documents import MOST_BYTES, checked, declared
from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.types import INTERVALS_MS, MINUTE_MS, interval_ms, parse_utc
from tests.forecasting.adapters.store.places import candles_of, same


@pytest.mark.parametrize(
    ("interval", "start", "name"),
    [
        ("1m", "2024-02-29", "2024-02"),
        ("30m", "2024-02-29", "2024-02"),
        ("1h", "2024-12-31", "2024"),
        ("12h", "2024-12-31", "2024"),
        ("1d", "2029-12-31", "202x"),
        ("1d", "2030-01-01", "203x"),
    ],
)
def test_blocks_are_calendar_blocks(interval, start, name):
    assert blocks.block_name(interval, parse_utc(start)) == name


def test_a_cut_at_the_turn_of_months_loses_no_candle():
    candles = candles_of(100_000)
    parts = list(blocks.cut(candles))
    assert [name for name, _ in parts] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert same(blocks.join("BTC/USDT", "1m", [part for _, part in parts]), candles)
    for name, part in parts:
        assert {blocks.block_name("1m", int(part.open_time_ms[row])) for row in (0, -1)} == {name}


def test_a_block_comes_back_to_the_last_bit():
    candles = candles_of(3_000)
    assert same(blocks.decode(blocks.encode("id", candles, 1)), candles)


def test_the_largest_block_there_can_be_is_far_below_what_an_engine_takes():
    """Rows of the longest block of each interval, and bytes of the largest with values no compression can shorten."""
    years = {"month": 31, "year": 366, "decade": 3653}
    rows = {
        interval: years["month" if step < interval_ms("1h") else "year" if step < interval_ms("1d") else "decade"]
        * interval_ms("1d") // step
        for interval, step in INTERVALS_MS.items()
    }  # fmt: skip
    assert max(rows.values()) == rows["1m"] == 44_640
    noise = np.random.default_rng(1).integers(0, 2**63, (len(CANDLE_COLUMNS), rows["1m"]))
    document = blocks.encode("id", Candles("BTC/USDT", "1m", noise[0], *noise[1:].view(np.float64)), 1)
    assert 2_142_720 <= len(document["payload"]) < 2_200_000 < MOST_BYTES / 7
    checked(declared("candle_blocks"), document)


def test_a_block_of_a_later_version_counts_on():
    assert blocks.encode("id", candles_of(1), 7)["version"] == 7


def test_a_merge_counts_what_is_new_the_same_and_other():
    stored = candles_of(5)
    times = stored.open_time_ms[3] + MINUTE_MS * np.arange(4)
    new = Candles(
        stored.symbol, "1m", times, *(getattr(candles_of(4, seed=9), name) for name in CANDLE_COLUMNS[1:])
    )
    new.volume[:], new.open[0] = 1.0, 1.5
    merged, *counts = blocks.merge(stored, new)
    assert counts == [2, 0, 2]
    assert same(merged.between(int(times[0]), None), new)
    assert same(merged.between(None, int(times[0])), stored.take(slice(3)))
