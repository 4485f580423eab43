from dataclasses import replace

import numpy as np
import pytest

from forecasting.dataset import Dataset


def rows_of(symbol, as_of_ms):
    as_of_ms = np.array(as_of_ms, dtype=np.int64)
    X = np.column_stack([as_of_ms / 7, np.full(len(as_of_ms), symbol)]).astype(float)
    number = np.full(len(as_of_ms), symbol, dtype=np.int64)
    return Dataset(("a", "b"), ("BTC/USDT", "ETH/USDT"), as_of_ms, as_of_ms + 10, number, X, as_of_ms / 100)


@pytest.fixture
def dataset():
    return rows_of(0, [1, 2, 3, 4])


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([1, 2]), np.array([False, True, True, False])])
def test_taking_rows_takes_them_from_every_column(dataset, rows):
    assert dataset.take(rows).fingerprint() == rows_of(0, [2, 3]).fingerprint()


def test_its_length_is_its_number_of_rows(dataset):
    assert len(dataset) == 4


def test_equal_rows_have_equal_fingerprints(dataset):
    strided = replace(dataset, X=np.asfortranarray(dataset.X))
    assert strided.fingerprint() == dataset.fingerprint()


@pytest.mark.parametrize("column", ["as_of_ms", "label_end_ms", "symbol", "X", "y"])
def test_any_changed_value_changes_the_fingerprint(dataset, column):
    assert replace(dataset, **{column: getattr(dataset, column) + 1}).fingerprint() != dataset.fingerprint()


@pytest.mark.parametrize("change", [{"feature_names": ("a", "c")}, {"symbols": ("BTC/USDT", "ADA/USDT")}])
def test_any_changed_name_changes_the_fingerprint(dataset, change):
    assert replace(dataset, **change).fingerprint() != dataset.fingerprint()
