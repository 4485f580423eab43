from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecasting.ensemble import blend, inverse_rmse_weights, shrinkage_factor

errors = st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0, 1e3), min_size=1, max_size=6)


@given(errors)
def test_weights_sum_to_one(rmse) -> None:
    weights = inverse_rmse_weights(rmse)
    assert sum(weights.values()) == pytest.approx(1)
    assert list(weights) == list(rmse)
    assert all(0 <= weight <= 1 for weight in weights.values())


@given(errors)
def test_smaller_error_never_weighs_less(rmse) -> None:
    weights = inverse_rmse_weights(rmse)
    ordered = sorted(rmse, key=rmse.__getitem__)
    assert all(weights[one] >= weights[other] for one, other in pairwise(ordered))


def test_half_the_error_weighs_double() -> None:
    weights = inverse_rmse_weights({"a": 0.02, "b": 0.01})
    assert weights["b"] == pytest.approx(2 * weights["a"])


def test_member_without_error_takes_all() -> None:
    assert inverse_rmse_weights({"a": 0.02, "b": 0.0}) == {"a": 0.0, "b": 1.0}


@pytest.mark.parametrize("rmse", [{}, {"a": float("nan")}, {"a": -1.0}, {"a": float("inf")}])
def test_errors_that_weigh_nothing_are_refused(rmse) -> None:
    with pytest.raises(ValueError, match="give no weights"):
        inverse_rmse_weights(rmse)


@given(st.integers(0, 2**32 - 1), st.floats(-2, 2))
def test_shrinkage_minimises_the_squared_error_on_0_to_1(seed: int, strength: float) -> None:
    generator = np.random.default_rng(seed)
    forecast, baseline = generator.normal(size=(2, 50)) * 0.01
    y = baseline + strength * (forecast - baseline) + generator.normal(size=50) * 0.01
    oracle = minimize_scalar(
        lambda factor: 1e4 * np.sum(np.square(y - baseline - factor * (forecast - baseline))),
        bounds=(0, 1),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert shrinkage_factor(forecast, baseline, y) == pytest.approx(oracle.x, abs=1e-5)


def test_forecast_equal_to_the_baseline_keeps_nothing() -> None:
    assert shrinkage_factor(np.ones(3), np.ones(3), np.arange(3.0)) == 0


def test_forecast_that_points_the_wrong_way_keeps_nothing() -> None:
    assert shrinkage_factor(np.array([1.0, -1.0]), np.zeros(2), np.array([-1.0, 1.0])) == 0


def test_distances_that_underflow_when_squared_are_shrunken_all_the_same() -> None:
    tiny = np.array([4e-200, -4e-200])
    assert shrinkage_factor(tiny, np.zeros(2), tiny / 4) == pytest.approx(0.25)


def test_blend_adds_weighted_shrunken_distances_from_naive() -> None:
    naive, model = np.array([0.01, 0.02]), np.array([0.03, 0.00])
    returns = {"naive": naive, "model": model}
    forecast = blend(naive, returns, {"naive": 0.25, "model": 0.75}, {"naive": 1.0, "model": 0.5})
    assert forecast == pytest.approx([0.01 + 0.375 * 0.02, 0.02 - 0.375 * 0.02])


def test_blend_leaves_the_members_forecasts_as_they_are() -> None:
    naive = np.array([0.01])
    blend(naive, {"naive": naive, "model": np.array([0.05])}, {"model": 1.0}, {"model": 1.0})
    assert naive[0] == 0.01
