"""What is compared gives the same numbers: a faster way to other features would prove nothing."""

import numpy as np
import pytest

from benchmarks import feature_memory, features
from benchmarks.polars_features import polars_features
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table
from tests.forecasting.features.markets import scattered_events, walk


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_polars_gives_the_same_features(seed):
    spec = FeatureSpec("1m", ("BTC/USDT", "ETH/USDT"), (1, 3, 7, 14, 30))
    candles = walk(np.ones(400, dtype=bool), seed, "1m")
    events = scattered_events(candles, 300, seed)
    table = feature_table(MarketData(candles, events), spec)
    expected = polars_features(candles, events, spec)
    assert tuple(expected.columns) == table.names
    np.testing.assert_allclose(table.values, expected.to_numpy().astype(float), rtol=1e-9, atol=1e-12)


def test_the_benchmarks_measure_twenty_features():
    assert len(features.SPEC.names) == len(feature_memory.SPEC.names) == 20
    assert len(feature_memory.SYMBOLS) * feature_memory.DAYS * 1440 == 6_480_000


def test_the_memory_benchmark_reads_what_it_wrote(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_memory, "SYMBOLS", ("AAA/SIM", "BBB/SIM"))
    monkeypatch.setattr(feature_memory, "STOP_MS", feature_memory.START_MS + 86_400_000)
    feature_memory.write_market(tmp_path / "store.db")
    rows, columns, peak = feature_memory.read_and_compute(tmp_path / "store.db")
    assert (rows, columns) == (2 * (1440 - 31), 20)
    assert peak > 0
