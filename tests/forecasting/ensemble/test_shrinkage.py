from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecasting.ensemble import shrinkage_factor


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
