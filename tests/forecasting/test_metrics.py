from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, brier_score_loss, mean_absolute_error, root_mean_squared_error

from forecasting.metrics import accuracy_standard_error, brier, directional_accuracy, mae, rmse

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


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_brier_is_scikit_learns(pairs) -> None:
    outcome, probability = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    oracle = brier_score_loss(outcome, probability, labels=[0, 1])
    assert brier(outcome, probability) == pytest.approx(oracle, rel=1e-12)


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
