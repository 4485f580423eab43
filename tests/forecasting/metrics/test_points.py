from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, root_mean_squared_error

from forecasting.metrics import accuracy_standard_error, directional_accuracy, mae, r2_against, rmse

returns = st.floats(-0.5, 0.5, width=32)
pairs = st.integers(1, 60).flatmap(
    lambda rows: st.tuples(
        arrays(np.float64, rows, elements=returns), arrays(np.float64, rows, elements=returns)
    )
)


@given(pairs)
def test_rmse_is_scikit_learns(pair) -> None:
    y, forecast = pair
    assert rmse(y, forecast) == pytest.approx(root_mean_squared_error(y, forecast), rel=1e-12)


@given(pairs)
def test_mae_is_scikit_learns(pair) -> None:
    y, forecast = pair
    assert mae(y, forecast) == pytest.approx(mean_absolute_error(y, forecast), rel=1e-12)


@given(pairs)
def test_directional_accuracy_is_scikit_learns_where_all_have_a_direction(pair) -> None:
    y, forecast = (np.where(values == 0, 0.1, values) for values in pair)
    assert directional_accuracy(y, forecast) == pytest.approx(accuracy_score(y > 0, forecast > 0))


@given(pairs)
def test_a_forecast_and_its_opposite_share_the_directional_accuracy(pair) -> None:
    y, forecast = pair
    if y.any():
        assert directional_accuracy(y, forecast) + directional_accuracy(y, -forecast) == pytest.approx(1)


def test_return_of_zero_counts_for_nobody() -> None:
    y, forecast = np.array([0.01, 0.0, 0.0]), np.array([0.02, 0.03, -0.03])
    assert directional_accuracy(y, forecast) == 1.0


def test_forecast_of_zero_is_half_right() -> None:
    assert directional_accuracy(np.array([0.01, -0.01]), np.zeros(2)) == 0.5


def test_directional_accuracy_without_a_move_is_unknown() -> None:
    assert math.isnan(directional_accuracy(np.zeros(3), np.ones(3)))


def test_standard_error_is_that_of_fair_coins() -> None:
    flips = np.random.default_rng(0).integers(0, 2, size=(20_000, 49))
    assert accuracy_standard_error(49) == pytest.approx(flips.mean(axis=1).std(), rel=0.02)


def test_no_independent_label_has_no_standard_error() -> None:
    with pytest.raises(ValueError, match="more than 0 are needed"):
        accuracy_standard_error(0)


@given(pairs)
def test_r2_against_the_mean_is_scikit_learns(pair) -> None:
    y, forecast = pair
    if len(y) > 1 and np.ptp(y) > 1e-3:
        oracle = r2_score(y, forecast)
        assert r2_against(y, forecast, np.full(len(y), y.mean())) == pytest.approx(oracle, rel=1e-9, abs=1e-9)


def test_r2_against_itself_is_zero() -> None:
    y, forecast = np.random.default_rng(1).normal(size=(2, 40))
    assert r2_against(y, forecast, forecast) == 0.0


def test_r2_against_a_baseline_that_is_never_wrong_is_unknown() -> None:
    assert math.isnan(r2_against(np.ones(2), np.zeros(2), np.ones(2)))


@pytest.mark.parametrize("score", [rmse, mae, directional_accuracy])
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_missing_or_infinite_refuses(score, wrong) -> None:
    whole, broken = np.ones(4), np.array([1.0, 1.0, wrong, 1.0])
    with pytest.raises(ValueError, match="forecast is missing or infinite in 1 rows, first in row 2"):
        score(whole, broken)
    with pytest.raises(ValueError, match="y is missing or infinite"):
        score(broken, whole)


@pytest.mark.parametrize(("rows", "others"), [(0, 0), (3, 4)])
def test_columns_without_rows_or_of_unequal_length_refuse(rows: int, others: int) -> None:
    with pytest.raises(ValueError, match=f"{rows} of y, {others} of forecast"):
        rmse(np.zeros(rows), np.zeros(others))
