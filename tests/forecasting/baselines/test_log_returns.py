from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.baselines.log_returns import log_of_return, return_of_log


@given(st.floats(-0.5, 1.0))
def test_log_is_the_c_librarys(simple: float) -> None:
    assert abs(float(log_of_return(np.array([simple]))[0]) - np.log1p(simple)) < 1e-15


@given(st.floats(-1.0, 1.0))
def test_return_is_the_c_librarys(log_return: float) -> None:
    assert abs(float(return_of_log(np.array([log_return]))[0]) - np.expm1(log_return)) < 2e-15


@given(st.floats(-1.0, 1e6).filter(lambda simple: simple == 0 or abs(simple) > 1e-300))
def test_any_return_has_a_finite_log_of_its_sign(simple: float) -> None:
    log_return = float(log_of_return(np.array([simple]))[0])
    assert np.isfinite(log_return)
    assert np.sign(log_return) == np.sign(simple)


def test_missing_returns_stay_missing() -> None:
    assert np.isnan(log_of_return(np.array([np.nan]))).all()
