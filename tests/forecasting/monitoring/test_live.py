"""Live figures of forecasts that matured."""

import numpy as np
import pytest

from forecasting.monitoring.live import Matured, live_figures
from forecasting.types import HOUR_MS


def matured(rows=4, forecast=(0.01, -0.02, 0.03, -0.01), realised=(0.02, -0.01, -0.01, 0.0), ends=None):
    as_of_ms = HOUR_MS * np.arange(rows)
    whole = np.tile([[-0.015, 0.015], [-0.025, 0.025]], (rows, 1, 1)) if ends is None else ends
    return Matured(
        as_of_ms, as_of_ms + HOUR_MS, np.array(forecast), np.array(realised), whole, np.array([True] * rows)
    )


def test_returns_inside_each_interval_are_counted():
    figures = live_figures(matured())
    assert (figures.coverage_80, figures.coverage_90) == (0.75, 1.0)


def test_a_return_of_zero_is_neither_hit_nor_miss():
    assert live_figures(matured()).hit_rate == pytest.approx(2 / 3)


def test_without_rows_nothing_is_said():
    figures = live_figures(matured().since(10**15))
    assert (figures.rows, figures.rank_ic, figures.coverage_90, figures.hit_rate) == (0, None, None, None)


def test_without_intervals_there_is_no_coverage():
    assert live_figures(matured(ends=np.full((4, 2, 2), np.nan))).coverage_90 is None


def test_only_forecasts_from_a_moment_on_are_kept():
    assert live_figures(matured().since(2 * HOUR_MS)).rows == 2


def test_markets_of_one_moment_count_by_their_mean():
    pair = matured()
    moments = np.array([0, 0, HOUR_MS, HOUR_MS])
    rows = Matured(moments, moments + HOUR_MS, pair.forecast, pair.realised, pair.ends, pair.issued)
    assert rows.inside_by_moment(0).tolist() == [0.5, 1.0]
