"""What is told of a stored series is what a walk over its candles would find."""

import numpy as np
import pytest

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.stored_series import StoredSeries
from forecasting.candles import find_gaps
from forecasting.planning import SeriesSpan
from forecasting.types import HOUR_MS, MINUTE_MS
from tests.forecasting.adapters.store.places import candles_of
from tests.forecasting.adapters.store.test_older_blocks import TABLE, old_store  # noqa: F401 - a fixture
from tests.forecasting.adapters.store.test_revisions import T1, T2, revised


@pytest.fixture
def candles(store):
    return CandleStore(store)


@pytest.mark.parametrize("seed", range(3))
def test_gaps_are_counted_within_blocks_and_between_them(candles, seed):
    rng = np.random.default_rng(seed)
    minutes = candles_of(5_000)
    kept = minutes.take(rng.random(5_000) > 0.3)
    kept = kept.take((kept.open_time_ms < minutes.open_time_ms[2_000]) | (rng.random(len(kept)) > 0.9))
    candles.write(kept, "", T1)
    (found,) = candles.stored()
    gaps = find_gaps(kept)
    assert (found.gaps, found.absent) == (len(gaps), sum(gap.bars for gap in gaps))
    assert [found.span] == candles.series()


def test_a_gap_at_the_turn_of_two_blocks_is_one_gap(candles):
    minutes = candles_of(5_000)
    candles.write(minutes.take(np.r_[0:2_870, 2_890:5_000]), "", T1)
    (found,) = candles.stored()
    assert (found.gaps, found.absent) == (1, 20)


def test_sources_and_revisions_of_all_blocks_are_counted(candles):
    minutes = candles_of(5_000)
    candles.write(minutes, "file", T1)
    candles.write(revised(minutes, 1, 2, 4_999), "binance", T2)
    (found,) = candles.stored()
    assert (found.revisions, found.sources) == (3, ("binance", "file"))
    assert 100_000 < found.size_bytes < 400_000


def test_series_are_told_apart_in_order(candles):
    for symbol, interval in (("ETH/USDT", "1m"), ("BTC/USDT", "1h"), ("BTC/USDT", "1m")):
        candles.write(candles_of(10, symbol=symbol, interval=interval))
    assert [found.span.title for found in candles.stored()] == ["BTC/USDT 1m", "BTC/USDT 1h", "ETH/USDT 1m"]


def test_blocks_of_an_older_foretick_are_described_too(old_store):  # noqa: F811
    (found,) = CandleStore(old_store).stored()
    assert (found.span.rows, found.gaps, found.absent) == (len(TABLE), 0, 0)
    assert (found.revisions, found.sources) == (0, ("",))
    assert found.size_bytes > 100


@pytest.mark.parametrize(
    ("passed_ms", "behind"),
    [(0, 0), (HOUR_MS - 1, 0), (HOUR_MS, 1), (5 * HOUR_MS + MINUTE_MS, 5), (-1, 0), (-9 * HOUR_MS, 0)],
)
def test_freshness_counts_the_candles_that_closed_since(passed_ms, behind):
    span = SeriesSpan("BTC/USDT", "1h", 0, 9 * HOUR_MS, 10)
    found = StoredSeries(span, 0, 0, 0, (), 0)
    assert found.bars_behind(span.end_ms + passed_ms) == behind
    assert found.age_ms(span.end_ms + passed_ms) == passed_ms
