import pytest

from benchmarks import expectations as benchmark
from benchmarks import store
from forecasting.adapters.expectations.candles import check_rows
from tests.forecasting.adapters.expectations.suite_faults import SUITES, names, with_faults
from tests.forecasting.adapters.expectations.test_candle_suite import ROW_FAULTS

SUITE = SUITES / "candles.json"


@pytest.fixture
def table():
    rows = benchmark._delivered(store.simulated_minutes().take(slice(0, 500)))
    return check_rows(rows, SUITE, int(rows.open_time_ms[-1]) + rows.interval_ms).table


def test_pandas_makes_every_check_of_the_suite_that_is_measured(table):
    found = benchmark.pandas_checks(SUITE, with_faults(table, ROW_FAULTS))
    assert found == {name: [row] for row, name in enumerate(ROW_FAULTS, start=2)}
    assert set(found) <= names("candles", "row")


def test_both_find_the_same_rows(table):
    benchmark._demand_equal(SUITE, benchmark._with_faults(table))


def test_a_difference_between_both_is_noticed(table, monkeypatch):
    monkeypatch.setattr(benchmark, "pandas_checks", lambda *_: {})
    with pytest.raises(AssertionError):
        benchmark._demand_equal(SUITE, benchmark._with_faults(table))


def test_time_and_memory_of_both_are_measured(monkeypatch):
    monkeypatch.setattr(store, "MINUTES", 2_000)
    monkeypatch.setattr(benchmark, "MILLION", 2_000)
    monkeypatch.setattr(benchmark, "_growths", lambda *_: [1.0, 1.0])
    figures = benchmark.run()
    assert len(figures) == 9
    assert [figure.name for figure in figures if figure.demand] == ["derived columns and Great Expectations"]
    assert all(figure.value > 0 for figure in figures)
