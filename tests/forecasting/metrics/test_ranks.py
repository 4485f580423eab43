"""Rank correlation, of all rows and of periods."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from forecasting.metrics import information_ratio, rank_ic, rank_ics


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=40))
@settings(max_examples=80, deadline=None)
def test_rank_correlation_equals_scipy_with_ties(pairs: list[tuple[int, int]]) -> None:
    y, forecast = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    if len(set(y)) > 1 and len(set(forecast)) > 1:
        assert rank_ic(y, forecast) == pytest.approx(spearmanr(y, forecast).statistic, abs=1e-12)


def test_equal_forecasts_say_nothing() -> None:
    assert rank_ic(np.array([1.0, 2.0, 3.0]), np.zeros(3)) == 0.0


@pytest.mark.parametrize(
    ("y", "forecast"),
    [
        ([1.0, 1.0], [1.0, 2.0]),
        ([], []),
        ([1.0], [1.0]),
        ([1.0, np.nan], [1.0, 2.0]),
        ([1.0, 2.0], [1.0, np.inf]),
    ],
)
def test_rank_correlation_is_none_where_nothing_can_be_said(y: list[float], forecast: list[float]) -> None:
    assert rank_ic(np.array(y), np.array(forecast)) is None


def test_each_period_has_its_own_rank_correlation() -> None:
    generator = np.random.default_rng(3)
    y, forecast = generator.normal(size=(2, 60))
    period = np.repeat(["a", "b", "c"], 20).tolist()
    found = rank_ics(y, forecast, period)
    assert list(found) == ["a", "b", "c"]
    assert found["b"] == pytest.approx(spearmanr(y[20:40], forecast[20:40]).statistic, abs=1e-12)


def test_a_period_whose_returns_are_equal_is_left_out() -> None:
    y, forecast = np.array([1.0, 2.0, 3.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_ics(y, forecast, [1, 1, 2, 2]) == {1: pytest.approx(1.0)}


def test_rank_correlations_refuse_a_missing_forecast() -> None:
    with pytest.raises(ValueError, match="needs every row"):
        rank_ics(np.ones(2), np.array([1.0, np.nan]), [1, 1])


def test_information_ratio_is_the_mean_over_the_sample_deviation() -> None:
    ics = np.random.default_rng(5).normal(0.05, 0.1, size=24)
    assert information_ratio(ics.tolist()) == pytest.approx(ics.mean() / ics.std(ddof=1))


@pytest.mark.parametrize("ics", [[], [0.1], [0.1, 0.1]])
def test_information_ratio_of_periods_that_do_not_differ_is_unknown(ics) -> None:
    assert math.isnan(information_ratio(ics))


def test_information_ratio_refuses_a_missing_period() -> None:
    with pytest.raises(ValueError, match="needs every period"):
        information_ratio([0.1, math.nan])
