"""Forecast and interval ends as five quantiles of the return."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.metrics import mae
from forecasting.studies.quantiles import QUANTILE_LEVELS, score_quantiles
from tests.forecasting.rows import made_up_rows

ROWS = made_up_rows(500)


def ends_of(rows: Dataset, half: float) -> np.ndarray:
    """Intervals around zero, that of 90 % twice as wide as that of 80 %."""
    sides = np.array([[-half, half], [-2 * half, 2 * half]])
    return np.tile(sides, (len(rows), 1, 1))


def test_the_quantiles_are_the_ends_and_the_forecast_in_order() -> None:
    assert pytest.approx((0.05, 0.1, 0.5, 0.9, 0.95)) == QUANTILE_LEVELS


def test_each_end_is_scored_at_its_own_level() -> None:
    found = score_quantiles(ROWS, np.zeros(len(ROWS)), ends_of(ROWS, 0.01))
    assert found is not None
    y = ROWS.y
    assert found.pinball["95%"] == pytest.approx(np.mean(np.maximum(0.95 * (y - 0.02), -0.05 * (y - 0.02))))
    assert found.pinball["10%"] == pytest.approx(np.mean(np.maximum(0.1 * (y + 0.01), -0.9 * (y + 0.01))))


def test_a_forecast_that_is_sure_of_itself_is_scored_by_its_absolute_error() -> None:
    found = score_quantiles(ROWS, np.zeros(len(ROWS)), ends_of(ROWS, 0.0))
    assert found is not None
    assert found.crps == pytest.approx(mae(ROWS.y, np.zeros(len(ROWS))))


def test_ends_where_the_returns_are_score_better_than_none_and_than_too_wide_ones() -> None:
    narrow, fitting, wide = (
        found.crps
        for half in (0.0, np.quantile(np.abs(ROWS.y), 0.8), 0.2)
        if (found := score_quantiles(ROWS, np.zeros(len(ROWS)), ends_of(ROWS, half))) is not None
    )
    assert fitting < narrow < wide


def test_rows_without_an_interval_are_left_out() -> None:
    ends = ends_of(ROWS, 0.01)
    ends[:100] = np.nan
    found = score_quantiles(ROWS, np.zeros(len(ROWS)), ends)
    assert found is not None
    assert found == score_quantiles(ROWS.take(slice(100, None)), np.zeros(900), ends[100:])
    assert found.rows == 900


def test_no_interval_at_all_has_no_score() -> None:
    assert score_quantiles(ROWS, np.zeros(len(ROWS)), np.full((len(ROWS), 2, 2), np.nan)) is None
