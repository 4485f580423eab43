import pytest

from benchmarks import store as benchmark
from forecasting.adapters.store import open_store
from forecasting.candles import find_gaps, validate_candles


@pytest.fixture
def candles():
    return benchmark.simulated_minutes().take(slice(0, 3_000))


def test_the_simulated_minutes_are_valid_candles_of_one_year():
    candles = validate_candles(benchmark.simulated_minutes())
    assert len(candles) == 525_600
    assert not find_gaps(candles)


def test_single_documents_give_the_same_candles_back(tmp_path, candles):
    store = open_store(None, tmp_path / "store.db", "unused")
    singles = benchmark.SingleDocuments(store)
    singles.write(candles)
    assert singles.read(candles.symbol, candles.interval).fingerprint() == candles.fingerprint()
    store.close()


def test_both_engines_are_measured_on_the_same_rows(monkeypatch):
    monkeypatch.setattr(benchmark, "MINUTES", 3_000)
    monkeypatch.setattr(benchmark, "SINGLE_ROWS", 300)
    figures = {figure.name: figure for figure in benchmark.run()}
    assert len(figures) == 16
    assert {name for name, figure in figures.items() if figure.demand} == {
        "SQLite, blocks, read 3,000 rows",
        "pymongo, blocks, read 3,000 rows",
    }
    assert all(figure.value > 0 for figure in figures.values() if figure.unit == "rows/s")
