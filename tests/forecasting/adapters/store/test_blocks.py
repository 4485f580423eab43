"""A block is one document: whole, checked, and far from the largest that an engine takes."""

import numpy as np
import pytest

from forecasting.adapters.store import blocks
from forecasting.adapters.store.documents import MOST_BYTES, checked, declared
from forecasting.adapters.store.versions import Block, Versions
from forecasting.candles import CANDLE_COLUMNS, Candles, join_candles
from forecasting.errors import InvalidCandles, StoreUnavailable
from forecasting.types import INTERVALS_MS, interval_ms, parse_utc
from tests.forecasting.adapters.store.places import candles_of, same


def block_of(candles, received_ms=0):
    """A block of candles that were never revised."""
    return Block.of_versions(Versions.received_at(candles, received_ms, 0), ("",))


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
    assert same(join_candles("BTC/USDT", "1m", [part for _, part in parts]), candles)
    for name, part in parts:
        assert {blocks.block_name("1m", int(part.open_time_ms[row])) for row in (0, -1)} == {name}


def test_a_block_comes_back_to_the_last_bit():
    candles = candles_of(3_000)
    assert same(blocks.decode(blocks.encode("id", block_of(candles), 1)), candles)


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
    candles = Candles("BTC/USDT", "1m", noise[0], *noise[1:].view(np.float64))
    current = Versions(candles, noise[0], np.arange(rows["1m"]) % 2**15)
    old = current.take(np.resize(np.arange(rows["1m"]), blocks.MOST_SUPERSEDED))
    document = blocks.encode("id", Block(current, old, ("binance",)), 1)
    assert 2_142_720 <= len(document["payload"]) < 2_200_000
    assert document["bytes"] < MOST_BYTES * 0.8
    checked(declared("candle_blocks"), document)


def test_more_old_values_than_a_document_can_hold_are_refused():
    current = Versions.received_at(candles_of(2), 5, 0)
    old = current.take(np.zeros(blocks.MOST_SUPERSEDED + 1, dtype=np.int64))
    with pytest.raises(InvalidCandles, match=r"^id was revised so often that 150,001 old values [^\n]*$"):
        blocks.encode("id", Block(current, old, ("",)), 1)


def test_a_block_of_a_later_version_counts_on():
    assert blocks.encode("id", block_of(candles_of(1)), 7)["version"] == 7


def revised_block():
    """Five candles, the second of which had another value before."""
    current = Versions(candles_of(5), np.arange(10, 15), np.array([0, 1, 0, 0, 1]))
    old = Versions(candles_of(5, seed=9).take(slice(1, 2)), np.array([3]), np.array([0]))
    return Block(current, old, ("file", "binance"))


def test_origin_and_old_values_come_back():
    block = revised_block()
    found = blocks.decode_block(blocks.encode("id", block, 1))
    assert found.sources == block.sources
    for name in ("current", "superseded"):
        left, right = getattr(found, name), getattr(block, name)
        assert same(left.values, right.values)
        assert left.received_ms.tolist() == right.received_ms.tolist()
        assert left.source.tolist() == right.source.tolist()


def test_what_counts_now_is_read_without_origin_and_old_values():
    document = blocks.encode("id", revised_block(), 1)
    for name in (blocks.RECEIVED, blocks.SUPERSEDED):
        del document[name]
    assert same(blocks.decode(document), candles_of(5))


@pytest.mark.parametrize("blob", [blocks.PAYLOAD, blocks.RECEIVED, blocks.SUPERSEDED])
def test_damage_anywhere_is_found_before_it_is_parsed(blob):
    document = blocks.encode("id", revised_block(), 1)
    document[blob] = document[blob][:-1] + b"x"
    with pytest.raises(StoreUnavailable, match=r"are damaged \(its digest differs\)"):
        blocks.decode_block(document)
