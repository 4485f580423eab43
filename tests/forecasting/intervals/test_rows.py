"""Forecast rows made of a dataset."""

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.intervals.rows import ForecastRows


def dataset(volatility):
    as_of_ms = np.arange(4, dtype=np.int64)
    symbol = np.array([0, 1, 0, 1])
    return Dataset(
        ("a",), ("AAA", "BBB"), as_of_ms, as_of_ms + 2, symbol, np.zeros((4, 1)), 0.1 * as_of_ms, volatility
    )


def test_rows_without_a_volatility_are_left_out():
    rows = ForecastRows.of(dataset(np.array([1.0, np.nan, 2.0, 3.0])), np.array([0.5, 0.6, 0.7, 0.8]))
    assert rows.symbols == ("AAA", "BBB")
    assert rows.symbol.tolist() == [0, 0, 1]
    assert rows.as_of_ms.tolist() == [0, 2, 3]
    assert rows.label_end_ms.tolist() == [2, 4, 5]
    assert rows.pred_return.tolist() == [0.5, 0.7, 0.8]
    assert rows.volatility.tolist() == [1.0, 2.0, 3.0]
    assert rows.scores().tolist() == pytest.approx([0.5, 0.25, 0.5 / 3])


def test_rows_that_tell_no_volatility_are_refused():
    with pytest.raises(ValueError, match="tell no volatility"):
        ForecastRows.of(dataset(None), np.zeros(4))
